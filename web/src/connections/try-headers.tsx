// Trying out headers before they are saved: whether the server takes them, and what it offers with them.
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconActivityHeartbeat, IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { creating as texts } from './form-texts.ts';
import { type HeaderRow, headerInputs } from './header-rows.tsx';
import { TestOutcome } from './test-outcome.tsx';
import { ConnectionDiscover, type Found } from './use-discovery.ts';

interface Props {
  remoteUrl: string;
  headers: HeaderRow[];
  onTried: (found: Found) => void;
}

export function TryHeaders({ remoteUrl, headers, onTried }: Props) {
  const [{ fetching }, discover] = useMutation(ConnectionDiscover);
  const [outcome, setOutcome] = useState<{ test: NonNullable<Found['test']> } | { refused: string }>();

  async function tryOut() {
    const { data, error } = await discover({ input: { remoteUrl, staticHeaders: headerInputs(headers) } });
    const answer = data?.connectionDiscover;
    if (answer?.__typename !== 'ConnectionDiscoverPayload' || !answer.test)
      return setOutcome({ refused: answer && 'message' in answer ? answer.message : failureText(error) });
    setOutcome({ test: answer.test });
    onTried(answer);
  }

  return (
    <div>
      <Group gap="sm">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconActivityHeartbeat size={16} aria-hidden />}
          disabled={!headers.every(({ name, value }) => name.trim() && value)}
          loading={fetching}
          onClick={tryOut}
        >
          {texts.tryOut}
        </Button>
        <Text size="sm" c="dimmed" flex="1 1 14rem">
          {texts.tryOutHow}
        </Text>
      </Group>
      <div role="status" aria-live="polite">
        {outcome && 'refused' in outcome && (
          <Alert mt="md" color="red" title={texts.tryOutRefused} icon={<IconAlertTriangle aria-hidden />}>
            {outcome.refused}
          </Alert>
        )}
        {outcome && 'test' in outcome && <TestOutcome test={outcome.test} />}
      </div>
    </div>
  );
}
