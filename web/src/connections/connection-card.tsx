// One connection in the list: what it is, whether it runs, its address to copy, and who uses it.
import { Anchor, Card, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { CopyIcon } from '../ui/copyable.tsx';
import { ClientCount_connection, clientCount } from './access.ts';
import { hostOf } from './host-of.ts';
import { StatusBadge } from './status-badge.tsx';
import { list as texts } from './texts.tsx';

export const ConnectionCard_connection = graphql(
  `
    fragment ConnectionCard_connection on McpConnection {
      id
      name
      url
      remoteUrl
      status
      ...ClientCount_connection
    }
  `,
  [ClientCount_connection],
);

export function ConnectionCard(props: { connection: FragmentOf<typeof ConnectionCard_connection> }) {
  const connection = readFragment(ConnectionCard_connection, props.connection);
  return (
    <Card component="article" withBorder padding="lg" bg="var(--grantway-card)">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Anchor
              fw={600}
              className="break-anywhere"
              renderRoot={(root) => <Link {...root} to="/connections/$id" params={{ id: connection.id }} />}
            >
              {connection.name}
            </Anchor>
            <StatusBadge status={connection.status} />
          </Group>
          <Text size="sm" c="dimmed" mt={4} className="break-anywhere">
            {hostOf(connection.remoteUrl)}
            {' · '}
            {clientCount(connection)}
          </Text>
        </div>
        <CopyIcon value={connection.url} label={texts.copy(connection.name)} />
      </Group>
    </Card>
  );
}
