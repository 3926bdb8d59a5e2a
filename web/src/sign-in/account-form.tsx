// The form of every page around accounts: fields, one button, and the refusal above them when there is one.
import { Alert, Button, Stack } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Answer } from './account.ts';

interface AccountFormProps {
  submit: string;
  /** The form's values by the names of its fields. */
  act: (values: Record<string, string>) => Promise<Answer>;
  onDone: (answer: Extract<Answer, { ok: true }>) => void;
  /** A refusal that was there before anything was sent. */
  refusal?: string;
  children: ReactNode;
}

export function AccountForm({ submit, act, onDone, children, ...props }: AccountFormProps) {
  const [working, setWorking] = useState(false);
  const [refusal, setRefusal] = useState(props.refusal);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    setWorking(true);
    setRefusal(undefined);
    const answer = await act(values);
    setWorking(false);
    if (!answer.ok) return setRefusal(answer.message);
    form.reset();
    onDone(answer);
  }

  return (
    <form onSubmit={onSubmit}>
      <Stack gap="md">
        {refusal && (
          <Alert color="red" role="alert">
            {refusal}
          </Alert>
        )}
        {children}
        <Button type="submit" loading={working} fullWidth>
          {submit}
        </Button>
      </Stack>
    </form>
  );
}
