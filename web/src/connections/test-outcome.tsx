// What came of trying a server out: how fast it answered, and what it offers, or why it could not be used.
import { Alert, Badge, Box, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '../graphql/graphql.ts';
import { test as texts } from './texts.tsx';

export const TestOutcome_test = graphql(`
  fragment TestOutcome_test on ConnectionTest {
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
`);

type Test = ResultOf<typeof TestOutcome_test>;

export function TestOutcome({ test: masked }: { test: FragmentOf<typeof TestOutcome_test> }) {
  const test = readFragment(TestOutcome_test, masked);
  if (!test.reached) {
    return (
      <Alert mt="md" color="red" title={texts.failed} icon={<IconAlertTriangle aria-hidden />}>
        {test.problem}
      </Alert>
    );
  }
  return (
    <Group mt="md" gap="xs" wrap="nowrap" align="flex-start">
      <IconCircleCheck color="var(--grantway-good)" aria-hidden style={{ flexShrink: 0 }} />
      <div style={{ minWidth: 0 }}>
        <ReachedFacts test={test} />
      </div>
    </Group>
  );
}

/** For a server that was reached. */
export function ReachedFacts({ test: { milliseconds, protocolVersion, server, tools, moreTools } }: { test: Test }) {
  return (
    <>
      <Text inherit className="break-anywhere">
        {texts.reached(milliseconds, protocolVersion ?? '', texts.tools(tools.length, moreTools))}{' '}
        {server && texts.says(server)}
      </Text>
      {tools.length > 0 && (
        <Box component="details" mt="xs">
          <Text component="summary" size="sm">
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
