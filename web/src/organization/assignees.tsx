// Who of an organization may use a connection, for those who decide it. Shows nothing for a personal one.
import { Alert, Button, Card, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { answered } from '../graphql/outcome.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import { useTarget } from '../ui/use-target.ts';
import { assigning as texts } from './texts.ts';

const AssigneesQuery = graphql(`
  query Assignees($id: ID!) {
    node(id: $id) {
      __typename
      ... on McpConnection {
        id
        sharingMode
        viewerMayChange
        assignees {
          id
          user {
            name
            email
          }
        }
        owner {
          __typename
          ... on Organization {
            id
            members {
              id
              user {
                name
                email
              }
            }
          }
        }
      }
    }
  }
`);

export const ConnectionAssign = graphql(
  `
    mutation ConnectionAssign($input: ConnectionAssignInput!) {
      connectionAssign(input: $input) {
        __typename
        ... on ConnectionAssignPayload {
          receipt {
            ...Receipt
          }
        }
        ... on Error {
          message
        }
      }
    }
  `,
  [Receipt],
);

const ConnectionUnassign = graphql(
  `
    mutation ConnectionUnassign($input: ConnectionUnassignInput!) {
      connectionUnassign(input: $input) {
        __typename
        ... on ConnectionUnassignPayload {
          receipt {
            ...Receipt
          }
        }
        ... on Error {
          message
        }
      }
    }
  `,
  [Receipt],
);

const typenames = ['McpConnection', 'Member', 'Organization'];
export const assignContext = { additionalTypenames: [...typenames, 'Grant', 'AuthorizedClient', 'AuditEvent'] };

type Act = { kind: 'assign' | 'unassign'; memberId: string; name: string };

export function Assignees({ connectionId }: { connectionId: string }) {
  const { data } = usePageQuery(AssigneesQuery, { id: connectionId }, typenames);
  const [, assign] = useMutation(ConnectionAssign);
  const [, unassign] = useMutation(ConnectionUnassign);
  const [refusal, setRefusal] = useState<string>();
  const ending = useTarget<Act>();
  const connection = data?.node?.__typename === 'McpConnection' ? data.node : undefined;
  if (connection?.owner.__typename !== 'Organization' || !connection.viewerMayChange) return null;
  const { assignees, owner } = connection;
  const others = owner.members.filter(({ id }) => !assignees.some((one) => one.id === id));
  const [holder] = connection.sharingMode === 'SINGLE_USER' ? assignees : [];

  async function act({ kind, memberId }: Act) {
    const input = { connectionId, memberId };
    return kind === 'assign'
      ? answered(
          await assign({ input }, assignContext),
          (told) => told.connectionAssign,
          ({ receipt }) => receiptSentence(receipt),
        )
      : answered(
          await unassign({ input }, assignContext),
          (told) => told.connectionUnassign,
          ({ receipt }) => receiptSentence(receipt),
        );
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const memberId = String(new FormData(event.currentTarget).get('member'));
    const name = others.find(({ id }) => id === memberId)?.user.name ?? '';
    // Where somebody loses it by this, it is asked first.
    if (holder) return ending.open({ kind: 'assign', memberId, name });
    const outcome = await act({ kind: 'assign', memberId, name });
    setRefusal('refused' in outcome ? outcome.refused : undefined);
  }

  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="assignees">
      <Title order={2} id="assignees" mb="xs">
        {texts.title}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {connection.sharingMode === 'SINGLE_USER' ? texts.single : texts.several}
      </Text>
      <Stack component="ul" className="plain-list" gap="sm" aria-label={texts.list}>
        {assignees.map(({ id, user }) => (
          <Group key={id} component="li" justify="space-between" gap="sm">
            <Text className="break-anywhere" flex="1 1 14rem">
              {user.name}{' '}
              <Text span size="sm" c="dimmed">
                {user.email}
              </Text>
            </Text>
            <Button
              color="red"
              variant="outline"
              aria-label={texts.takeAwayLabel(user.name)}
              onClick={() => ending.open({ kind: 'unassign', memberId: id, name: user.name })}
            >
              {texts.takeAway}
            </Button>
          </Group>
        ))}
      </Stack>
      {others.length > 0 && (
        <form onSubmit={submit} aria-label={texts.form}>
          <Group align="flex-end" gap="sm" mt="md">
            <NativeSelect
              flex="1 1 14rem"
              name="member"
              label={texts.member}
              data={others.map(({ id, user }) => ({ value: id, label: texts.option(user.name, user.email) }))}
            />
            <Button type="submit" variant="default">
              {texts.assign}
            </Button>
          </Group>
        </form>
      )}
      {refusal && (
        <Alert color="red" role="alert" mt="md">
          {refusal}
        </Alert>
      )}
      {ending.value && (
        <EndDialog
          opened={ending.opened}
          title={(ending.value.kind === 'assign' ? texts.give : texts.take).ask(ending.value.name)}
          doneTitle={ending.value.kind === 'assign' ? texts.give.done(ending.value.name) : texts.take.done}
          confirm={(ending.value.kind === 'assign' ? texts.give : texts.take).confirm}
          act={() => act(ending.value as Act)}
          onClose={ending.close}
        >
          <Text>{texts.what(ending.value.kind === 'assign' ? holder?.user.name : ending.value.name)}</Text>
        </EndDialog>
      )}
    </Card>
  );
}
