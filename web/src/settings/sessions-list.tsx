// The browsers in which one is signed in, each with a button that ends it.
import { Badge, Button, Divider, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused, unhandled } from '../graphql/outcome.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { When } from '../ui/when.tsx';
import { browserName } from './browser-name.ts';
import { texts } from './texts.ts';

export const SessionsList_session = graphql(`
  fragment SessionsList_session on Session {
    id
    isCurrent
    startedAt
    lastSeenAt
    userAgent
    address
  }
`);

const SessionEnd = graphql(`
  mutation SessionEnd($input: SessionEndInput!) {
    sessionEnd(input: $input) {
      __typename
      ... on SessionEndPayload {
        ended
        sessions {
          id
        }
      }
      ... on NotFoundError {
        message
      }
    }
  }
`);

function useEndSession() {
  const client = useClient();
  return async (sessionId?: string): Promise<Outcome<string>> => {
    const { data, error } = await client.mutation(SessionEnd, { input: { sessionId } }).toPromise();
    if (error || !data) return failed(error);
    const result = data.sessionEnd;
    switch (result.__typename) {
      case 'SessionEndPayload':
        return done(texts.ended(result.ended));
      case 'NotFoundError':
        return refused(texts.gone);
      default:
        return unhandled(result);
    }
  };
}

export function SessionsList(props: {
  sessions: readonly FragmentOf<typeof SessionsList_session>[];
  refresh: () => void;
}) {
  const sessions = readFragment(SessionsList_session, props.sessions);
  const end = useEndSession();
  const [note, setNote] = useState<string>();
  const [asking, setAsking] = useState(false);
  const others = sessions.filter(({ isCurrent }) => !isCurrent).length;

  async function endOne(id: string) {
    const outcome = await end(id);
    setNote('done' in outcome ? texts.oneEnded : outcome.refused);
    props.refresh();
  }

  return (
    <>
      <Text role="status" size="sm" mb={note ? 'xs' : 0}>
        {note}
      </Text>
      <Stack component="ul" className="plain-list" gap="sm" aria-label={texts.sessions}>
        {sessions.map((session, index) => {
          const browser = browserName(session.userAgent) ?? texts.unknownBrowser;
          return (
            <li key={session.id}>
              {index > 0 && <Divider mb="sm" />}
              <Group justify="space-between" gap="sm">
                <div>
                  <Group gap="xs">
                    <Text fw={550}>{browser}</Text>
                    {session.isCurrent && <Badge variant="light">{texts.thisBrowser}</Badge>}
                  </Group>
                  <Text size="xs" c="dimmed" className="break-anywhere">
                    {texts.started} <When at={session.startedAt} /> · {texts.seen} <When at={session.lastSeenAt} />
                    {session.address && ` · ${session.address}`}
                  </Text>
                </div>
                {!session.isCurrent && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={texts.endOne(browser)}
                    onClick={() => endOne(session.id)}
                  >
                    {texts.end}
                  </Button>
                )}
              </Group>
            </li>
          );
        })}
      </Stack>
      {others > 0 && (
        <Button mt="md" variant="default" onClick={() => setAsking(true)}>
          {texts.endOthers}
        </Button>
      )}
      <EndDialog
        opened={asking}
        title={texts.endOthersTitle}
        doneTitle={texts.endedTitle}
        confirm={texts.endOthers}
        act={() => end()}
        onClose={() => {
          setAsking(false);
          props.refresh();
        }}
      >
        <Text>{texts.endOthersBody(others)}</Text>
      </EndDialog>
    </>
  );
}
