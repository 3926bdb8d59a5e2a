// Says that a connection is disabled, and enables it again.
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { disabled as texts } from './texts.tsx';

const ConnectionEnable = graphql(`
  mutation ConnectionEnable($input: ConnectionEnableInput!) {
    connectionEnable(input: $input) {
      __typename
      ... on ConnectionEnablePayload {
        connection {
          id
          status
        }
      }
      ... on NotFoundError {
        message
      }
    }
  }
`);

export function EnableConnection({ connectionId }: { connectionId: string }) {
  const [{ fetching }, enable] = useMutation(ConnectionEnable);
  const [refusal, setRefusal] = useState<string>();

  async function act() {
    const { data, error } = await enable({ input: { connectionId } });
    if (error || !data) return setRefusal(failureText(error));
    const outcome = data.connectionEnable;
    switch (outcome.__typename) {
      case 'ConnectionEnablePayload':
        return;
      case 'NotFoundError':
        return setRefusal(outcome.message);
      default: {
        const unknown = unhandled(outcome);
        if ('refused' in unknown) setRefusal(unknown.refused);
      }
    }
  }

  return (
    <Alert color="gray" title={texts.title} icon={<IconPlayerPause aria-hidden />}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">{texts.what}</Text>
        <Button size="xs" loading={fetching} onClick={act}>
          {texts.enable}
        </Button>
      </Group>
      {refusal && (
        <Text role="alert" size="sm" c="var(--mantine-color-error)" mt="xs">
          {refusal}
        </Text>
      )}
    </Alert>
  );
}
