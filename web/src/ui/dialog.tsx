// The library's modal with what every dialog here has.
import { Group, Modal, type ModalProps } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
import classes from './dialog.module.css';
import { focusHeading } from './focus-heading.ts';
import { controls as texts } from './texts.ts';

interface Props extends ModalProps {
  /** A form is longer than a phone: there it has the whole window. */
  form?: boolean;
}

export function Dialog({ opened, form = false, onExitTransitionEnd, ...props }: Props) {
  // Dialogs are rendered when they are first needed, thus already open; the modal remembers where the focus was, to give
  // it back, only when it sees itself opening.
  const [shown, setShown] = useState(false);
  useEffect(() => setShown(opened), [opened]);
  const isNarrow = useMediaQuery('(max-width: 36em)') ?? false;
  const isWhole = form && isNarrow;
  return (
    <Modal
      opened={shown}
      size="lg"
      fullScreen={isWhole}
      radius={isWhole ? 0 : 'lg'}
      closeButtonProps={{ 'aria-label': texts.close }}
      // Its <header> would count as a second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
      onExitTransitionEnd={() => {
        onExitTransitionEnd?.();
        // What opened the dialog may have ended with it, or was a menu that is gone; the focus must not fall to nowhere.
        // After the modal's own attempt.
        setTimeout(() => document.activeElement === document.body && focusHeading(), 60);
      }}
      styles={{ title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)', lineHeight: 1.35 } }}
      {...props}
    />
  );
}

/** The buttons of a form in a dialog: they stay in sight while what is above them scrolls. */
export function FormFoot({ children }: { children: ReactNode }) {
  return (
    <Group justify="flex-end" className={classes.foot}>
      {children}
    </Group>
  );
}
