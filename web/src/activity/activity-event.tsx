// One event: what happened in a sentence, how it went, when, and by whom.
import { Anchor, Badge, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { clientTitle } from '../clients/client-title.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { events as texts } from './texts.ts';

export const ActivityEvent_event = graphql(`
  fragment ActivityEvent_event on AuditEvent {
    outcome
    occurredAt
    summary
    actor {
      name
    }
    client {
      name
      verifiedHost
    }
    connection {
      id
      name
      status
    }
  }
`);

const looks = {
  SUCCESS: undefined,
  DENIED: { color: 'orange', text: texts.denied },
  FAILURE: { color: 'red', text: texts.failed },
} as const;

export function ActivityEvent(props: { event: FragmentOf<typeof ActivityEvent_event> }) {
  const event = readFragment(ActivityEvent_event, props.event);
  const look = looks[event.outcome];
  return (
    <>
      <Group gap="xs">
        <Text size="sm" className="break-anywhere">
          {event.summary}
        </Text>
        {look && (
          <Badge variant="light" color={look.color} size="sm" radius="sm" tt="none">
            {look.text}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" className="break-anywhere">
        <When at={event.occurredAt} />
        {event.actor && texts.by(event.actor.name)}
        {event.client && ` · ${clientTitle(event.client)}`}
        {event.connection && (
          <>
            {' · '}
            <ConnectionName connection={event.connection} />
          </>
        )}
      </Text>
    </>
  );
}

function ConnectionName({ connection }: { connection: { id: string; name: string; status: string } }) {
  if (connection.status === 'DELETED') return connection.name;
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(root) => <Link {...root} to="/connections/$id" params={{ id: connection.id }} />}
    >
      {connection.name}
    </Anchor>
  );
}
