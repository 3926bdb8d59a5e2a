// One event: what happened in a sentence, how it went, when, and by whom.
import { Anchor, Badge, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { clientTitle } from '../clients/client-title.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { events as texts } from './texts.ts';

export const ActivityEvent_event = graphql(`
  fragment ActivityEvent_event on AuditEvent {
    kind
    outcome
    occurredAt
    summary
    actor {
      id
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

/** A long name is cut short in the sentence. */
const SHORT = 60;

const ENDED = /\.(revoked|deleted|removed|blocked|erased|disabled|denied|disconnected)$|^stream\.ended$/;

/** The colour of an event's mark: red where something ended, orange where it was refused, else none. */
export function eventColor(masked: FragmentOf<typeof ActivityEvent_event>): 'red' | 'orange' | undefined {
  const { kind, outcome } = readFragment(ActivityEvent_event, masked);
  if (outcome !== 'SUCCESS') return 'orange';
  return ENDED.test(kind) ? 'red' : undefined;
}

const looks = {
  SUCCESS: undefined,
  DENIED: { color: 'orange', text: texts.denied },
  FAILURE: { color: 'red', text: texts.failed },
} as const;

interface Props {
  event: FragmentOf<typeof ActivityEvent_event>;
  /** The id of who is looking. */
  self: string | undefined;
}

export function ActivityEvent({ event: masked, self }: Props) {
  const event = readFragment(ActivityEvent_event, masked);
  const { summary, actor, client, connection } = event;
  const look = looks[event.outcome];
  // What the sentence names already is not said again below it.
  const named = connection ? `“${connection.name}”` : '';
  const isNamed = named !== '' && summary.includes(named);
  return (
    <>
      <Group gap="xs">
        <Text size="sm" className="break-anywhere">
          {connection && isNamed ? (
            <>
              {summary.slice(0, summary.lastIndexOf(named) + 1)}
              <ConnectionName connection={connection} />
              {summary.slice(summary.lastIndexOf(named) + named.length - 1)}
            </>
          ) : (
            summary
          )}
        </Text>
        {look && (
          <Badge variant="light" color={look.color} size="sm">
            {look.text}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" className="break-anywhere">
        <When at={event.occurredAt} />
        {actor && (actor.id === self ? texts.byYou : texts.by(actor.name))}
        {client && !summary.includes(clientTitle(client).slice(0, SHORT)) && ` · ${clientTitle(client)}`}
        {connection && !isNamed && (
          <>
            {' · '}
            <ConnectionName connection={connection} />
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
