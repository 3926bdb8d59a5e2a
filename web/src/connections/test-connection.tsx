// The Test button: whether the server behind a connection answers, how fast, and what it offers.
import { Alert, Button, Card, Group, Text, Title } from '@mantine/core';
import { IconActivityHeartbeat, IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { type FragmentOf, graphql } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { TestOutcome, TestOutcome_test } from './test-outcome.tsx';
import { test as texts } from './texts.tsx';

const ConnectionTest = graphql(
  `
    mutation ConnectionTest($input: ConnectionTestInput!) {
      connectionTest(input: $input) {
        __typename
        ... on ConnectionTestPayload {
          test {
            ...TestOutcome_test
          }
        }
        ... on NotFoundError {
          message
        }
        ... on ValidationError {
          message
        }
      }
    }
  `,
  [TestOutcome_test],
);

export function TestConnection({ connectionId }: { connectionId: string }) {
  const [{ fetching }, run] = useMutation(ConnectionTest);
  const [outcome, setOutcome] = useState<{ found: FragmentOf<typeof TestOutcome_test> } | { refused: string }>();

  async function start() {
    const { data, error } = await run({ input: { connectionId } });
    if (error || !data) return setOutcome({ refused: failureText(error) });
    const answer = data.connectionTest;
    switch (answer.__typename) {
      case 'ConnectionTestPayload':
        return setOutcome({ found: answer.test });
      case 'NotFoundError':
      case 'ValidationError':
        return setOutcome({ refused: answer.message });
      default: {
        const unknown = unhandled(answer);
        if ('refused' in unknown) setOutcome({ refused: unknown.refused });
      }
    }
  }

  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="test-it">
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ flex: '1 1 16rem' }}>
          <Title order={2} id="test-it">
            {texts.title}
          </Title>
          <Text c="dimmed" size="sm" mt={4}>
            {texts.lead}
          </Text>
        </div>
        <Button
          variant="default"
          loading={fetching}
          leftSection={<IconActivityHeartbeat size={18} aria-hidden />}
          onClick={start}
        >
          {outcome ? texts.again : texts.start}
        </Button>
      </Group>
      <div role="status" aria-live="polite">
        {outcome && 'refused' in outcome && (
          <Alert mt="md" color="red" title={texts.notRun} icon={<IconAlertTriangle aria-hidden />}>
            {outcome.refused}
          </Alert>
        )}
        {outcome && 'found' in outcome && <TestOutcome test={outcome.found} />}
      </div>
    </Card>
  );
}
