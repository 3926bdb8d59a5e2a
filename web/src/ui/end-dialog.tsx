// The dialog of every act that ends something: it names what ends, rests on Cancel, and then shows what has ended.
import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Outcome } from '../graphql/outcome.ts';
import { Dialog } from './dialog.tsx';
import { endDialog as texts } from './texts.ts';

interface EndDialogProps {
  opened: boolean;
  title: string;
  doneTitle: string;
  /** The label of the button that does it. */
  confirm: string;
  /** What ends, in words. */
  children: ReactNode;
  /** What has to be typed first, where other people lose something for good. */
  typed?: string;
  /** Resolves to the receipt as a sentence. */
  act: () => Promise<Outcome<string>>;
  /** `ended` says whether the act was done. */
  onClose: (ended: boolean) => void;
}

export function EndDialog(props: EndDialogProps) {
  const [working, setWorking] = useState(false);
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<Outcome<string>>();
  const doneButton = useRef<HTMLButtonElement>(null);
  const receipt = outcome && 'done' in outcome ? outcome.done : undefined;

  useEffect(() => {
    if (receipt !== undefined) doneButton.current?.focus();
  }, [receipt]);

  async function confirm() {
    setWorking(true);
    setOutcome(await props.act());
    setWorking(false);
  }

  return (
    <Dialog
      opened={props.opened}
      title={receipt === undefined ? props.title : props.doneTitle}
      onClose={() => !working && props.onClose(receipt !== undefined)}
      onExitTransitionEnd={() => {
        setOutcome(undefined);
        setText('');
      }}
      centered
    >
      {receipt === undefined ? (
        <Stack gap="md">
          {props.children}
          {props.typed !== undefined && (
            <TextInput
              label={texts.typed(props.typed)}
              value={text}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          )}
          {outcome && 'refused' in outcome && (
            <Alert color="red" role="alert" title={texts.unchanged}>
              {outcome.refused}
            </Alert>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" data-autofocus disabled={working} onClick={() => props.onClose(false)}>
              {texts.cancel}
            </Button>
            <Button
              color="red"
              loading={working}
              disabled={props.typed !== undefined && text.trim() !== props.typed.trim()}
              onClick={confirm}
            >
              {props.confirm}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="md">
          <Group role="status" wrap="nowrap" align="flex-start" gap="sm">
            <IconCircleCheck color="var(--grantway-good)" aria-hidden style={{ flexShrink: 0 }} />
            <Text>{receipt}</Text>
          </Group>
          <Group justify="flex-end">
            <Button ref={doneButton} onClick={() => props.onClose(true)}>
              {texts.done}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}
