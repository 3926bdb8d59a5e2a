// The library's modal with what every dialog here has.
import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { controls as texts } from './texts.ts';

export function Dialog({ opened, ...props }: ModalProps) {
  // Dialogs are rendered when they are first needed, thus already open; the modal remembers where the focus was, to give
  // it back, only when it sees itself opening.
  const [shown, setShown] = useState(false);
  useEffect(() => setShown(opened), [opened]);
  return (
    <Modal
      opened={shown}
      size="lg"
      radius="lg"
      closeButtonProps={{ 'aria-label': texts.close }}
      // Its <header> would count as a second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
      styles={{ title: { fontWeight: 650, fontSize: 'var(--mantine-font-size-lg)', lineHeight: 1.35 } }}
      {...props}
    />
  );
}
