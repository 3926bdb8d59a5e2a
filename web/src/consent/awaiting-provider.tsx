// Allowed, and the sign-in at the server's own provider is not finished: goes on with it.
import { Alert, Button, Text } from '@mantine/core';
import { useState } from 'react';
import { PageHeading } from '../ui/page-heading.tsx';
import { type Decision, useDecide } from './decide.ts';
import { awaiting, closed, question } from './texts.tsx';

interface Props {
  requestId: string;
  refusal: string | undefined;
  onDecision: (decision: Decision) => void;
}

export function AwaitingProvider({ requestId, refusal, onDecision }: Props) {
  const decide = useDecide(requestId);
  const [working, setWorking] = useState(false);

  async function go() {
    setWorking(true);
    // What was chosen stays: the request remembers it.
    const decision = await decide.approve({ expiresIn: undefined, connectionId: undefined });
    setWorking(false);
    onDecision(decision);
  }

  return (
    <>
      <PageHeading title={closed.AWAITING_PROVIDER.title} />
      <Text mb="lg">{closed.AWAITING_PROVIDER.text}</Text>
      {refusal && (
        <Alert color="red" role="alert" title={question.refused} mb="md">
          {refusal}
        </Alert>
      )}
      <Button fullWidth loading={working} onClick={go}>
        {awaiting.go}
      </Button>
    </>
  );
}
