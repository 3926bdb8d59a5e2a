// Creating a connection.
import { Alert, Anchor, Button, Card, Group } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { graphql } from '../graphql/graphql.ts';
import { unhandled } from '../graphql/outcome.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { type ConnectionDraft, ConnectionFields } from './connection-fields.tsx';
import { emptyRow, headerInputs } from './header-rows.tsx';

const ConnectionCreate = graphql(`
  mutation ConnectionCreate($input: ConnectionCreateInput!) {
    connectionCreate(input: $input) {
      __typename
      ... on ConnectionCreatePayload {
        connection {
          id
        }
      }
      ... on ValidationError {
        message
        field
      }
    }
  }
`);

export function ConnectionNewPage() {
  const navigate = useNavigate();
  const [{ fetching }, create] = useMutation(ConnectionCreate);
  const [refusal, setRefusal] = useState<{ message: string; field?: string | null }>();
  const [draft, setDraft] = useState<ConnectionDraft>(() => ({
    name: '',
    remoteUrl: '',
    authMode: 'NONE',
    headers: [emptyRow('Authorization')],
  }));
  const withHeaders = draft.authMode === 'STATIC_HEADERS';

  async function submit(event: FormEvent) {
    event.preventDefault();
    setRefusal(undefined);
    const { data, error } = await create({
      input: {
        name: draft.name.trim(),
        remoteUrl: draft.remoteUrl.trim(),
        authMode: draft.authMode,
        staticHeaders: withHeaders ? headerInputs(draft.headers) : undefined,
      },
    });
    if (error || !data) return setRefusal({ message: failureText(error) });
    const outcome = data.connectionCreate;
    switch (outcome.__typename) {
      case 'ConnectionCreatePayload':
        return navigate({ to: '/connections/$id', params: { id: outcome.connection.id } });
      case 'ValidationError':
        return setRefusal(outcome);
      default: {
        const unknown = unhandled(outcome);
        if ('refused' in unknown) setRefusal({ message: unknown.refused });
      }
    }
  }

  return (
    <>
      <PageHeading
        title="New connection"
        lead="Clients will get an address of Grantway for it, never the server’s own address or credentials."
        above={
          <Anchor size="sm" renderRoot={(root) => <Link {...root} to="/connections" />}>
            Connections
          </Anchor>
        }
      />
      <Card withBorder padding="lg" bg="var(--grantway-card)" maw="40rem">
        <form onSubmit={submit} aria-label="New connection">
          <ConnectionFields
            draft={draft}
            onChange={(change) => setDraft((now) => ({ ...now, ...change }))}
            askHeaders={withHeaders}
            refusal={refusal}
          />
          {refusal && (
            <Alert color="red" role="alert" mt="lg" title="The connection was not created">
              {refusal.message}
            </Alert>
          )}
          <Group justify="flex-end" mt="xl">
            <Button variant="default" renderRoot={(root) => <Link {...root} to="/connections" />}>
              Cancel
            </Button>
            <Button type="submit" loading={fetching}>
              Create connection
            </Button>
          </Group>
        </form>
      </Card>
    </>
  );
}
