// What came of trying a server out: how fast it answered, and what it offers, or why it could not be used.
import { Alert, Badge, Box, Button, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useId, useState } from 'react';
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
      {tools.length > 0 && <ToolList tools={tools} />}
    </>
  );
}

/** More than these would push the rest of the page out of sight. */
const SHOWN_AT_ONCE = 8;

function ToolList({ tools }: { tools: Test['tools'] }) {
  const [isWhole, setIsWhole] = useState(false);
  const id = useId();
  const shown = isWhole ? tools : tools.slice(0, SHOWN_AT_ONCE);
  return (
    <Box component="details" mt="xs">
      <Text component="summary" size="sm">
        {texts.list}
      </Text>
      <List id={id} size="sm" spacing="xs" mt="xs" listStyleType="none" className="break-anywhere">
        {shown.map(({ name, title, description, readOnly }) => (
          <List.Item key={name}>
            <Text span inherit fw={600}>
              {title ?? name}
            </Text>
            {readOnly && (
              <Badge variant="light" color="teal" ml="xs">
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
      {tools.length > SHOWN_AT_ONCE && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          aria-expanded={isWhole}
          aria-controls={id}
          onClick={() => setIsWhole(!isWhole)}
        >
          {isWhole ? texts.fewer : texts.all(tools.length)}
        </Button>
      )}
    </Box>
  );
}
