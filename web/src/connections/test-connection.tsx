// The Test button: whether the server behind a connection answers, how fast, and what it offers.
import { Alert, Badge, Box, Button, Card, Group, List, Text, Title } from '@mantine/core';
import { IconActivityHeartbeat, IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql, type ResultOf } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { test as texts } from './texts.tsx';

const ConnectionTest = graphql(`
  mutation ConnectionTest($input: ConnectionTestInput!) {
    connectionTest(input: $input) {
      __typename
      ... on ConnectionTestPayload {
        test {
          reached
          milliseconds
          problem
          protocolVersion
          server
          moreTools
          tools {
            name
            title
            description
            readOnly
          }
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
`);

type Found = Extract<
  ResultOf<typeof ConnectionTest>['connectionTest'],
  { __typename: 'ConnectionTestPayload' }
>['test'];

export function TestConnection({ connectionId }: { connectionId: string }) {
  const [{ fetching }, run] = useMutation(ConnectionTest);
  const [outcome, setOutcome] = useState<{ found: Found } | { refused: string }>();

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
        {outcome && 'found' in outcome && !outcome.found.reached && (
          <Alert mt="md" color="red" title={texts.failed} icon={<IconAlertTriangle aria-hidden />}>
            {outcome.found.problem}
          </Alert>
        )}
        {outcome && 'found' in outcome && outcome.found.reached && <Reached found={outcome.found} />}
      </div>
    </Card>
  );
}

function Reached({ found }: { found: Found }) {
  const { milliseconds, protocolVersion, server, tools, moreTools } = found;
  return (
    <>
      <Group mt="md" gap="xs" wrap="nowrap" align="flex-start">
        <IconCircleCheck color="var(--grantway-good)" aria-hidden style={{ flexShrink: 0 }} />
        <Text className="break-anywhere">
          {texts.reached(milliseconds, protocolVersion ?? '', texts.tools(tools.length, moreTools))}{' '}
          {server && (
            <Text span inherit c="dimmed">
              {texts.says(server)}
            </Text>
          )}
        </Text>
      </Group>
      {tools.length > 0 && (
        <Box component="details" mt="sm">
          <Text component="summary" size="sm" c="dimmed">
            {texts.list}
          </Text>
          <List size="sm" spacing="xs" mt="xs" listStyleType="none" className="break-anywhere">
            {tools.map(({ name, title, description, readOnly }) => (
              <List.Item key={name}>
                <Text span inherit fw={600}>
                  {title ?? name}
                </Text>
                {readOnly && (
                  <Badge variant="light" color="teal" radius="sm" tt="none" ml="xs">
                    {texts.readOnly}
                  </Badge>
                )}
                {description && (
                  <Text size="sm" c="dimmed" lineClamp={3}>
                    {description}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        </Box>
      )}
    </>
  );
}
