// One connection: how to use it, what is behind it, and how to end it.
import { Anchor, Button, EmptyState, Stack } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useState } from 'react';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { grantCount, hostOf } from './auth-mode.ts';
import { ConnectSnippets, ConnectSnippets_connection } from './connect-snippets.tsx';
import { ConnectionSettings, ConnectionSettings_connection } from './connection-settings.tsx';
import { type DangerousAct, DangerZone } from './danger-zone.tsx';
import { EditConnection, EditConnection_connection } from './edit-connection.tsx';
import { EnableConnection } from './enable-connection.tsx';
import { EndConnectionDialog } from './end-connection-dialog.tsx';
import { ReplaceHeaders, ReplaceHeaders_connection } from './replace-headers.tsx';
import { StatusBadge } from './status-badge.tsx';

const Connection = graphql(
  `
    query Connection($id: ID!) {
      node(id: $id) {
        __typename
        ... on McpConnection {
          id
          name
          url
          remoteUrl
          status
          activeGrantCount
          ...ConnectSnippets_connection
          ...ConnectionSettings_connection
          ...EditConnection_connection
          ...ReplaceHeaders_connection
        }
      }
    }
  `,
  [ConnectSnippets_connection, ConnectionSettings_connection, EditConnection_connection, ReplaceHeaders_connection],
);

const typenames = ['McpConnection'];

export const loadConnection = (client: Client, id: string) => load(client, Connection, { id }, typenames);

const route = getRouteApi('/_signed-in/connections/$id');

export function ConnectionPage() {
  const { id } = route.useParams();
  const navigate = useNavigate();
  const { data, error, refresh } = usePageQuery(Connection, { id }, typenames);
  const [form, setForm] = useState<'edit' | 'headers'>();
  const ending = useTarget<{
    act: DangerousAct;
    connection: { id: string; name: string; url: string; activeGrantCount: number };
  }>();
  const connection =
    data?.node?.__typename === 'McpConnection' && data.node.status !== 'DELETED' ? data.node : undefined;
  const deleting = ending.opened && ending.value?.act === 'delete';

  return (
    <>
      {!data &&
        (error ? (
          <Failure title="The connection could not be loaded" error={error} retry={refresh} />
        ) : (
          <ListSkeleton />
        ))}
      {/* While the receipt of a deletion is open, the page behind it is not "not found". */}
      {data && !connection && !deleting && <NoSuchConnection />}
      {connection && (
        <>
          <PageHeading
            title={connection.name}
            lead={`${hostOf(connection.remoteUrl)} · ${connection.activeGrantCount === 0 ? 'no client has access' : grantCount(connection.activeGrantCount)}`}
            badge={<StatusBadge status={connection.status} />}
            above={<BackToList />}
          />
          {error && <StaleNotice error={error} retry={refresh} />}
          <Stack gap="lg">
            {connection.status === 'DISABLED' && <EnableConnection connectionId={connection.id} />}
            <ConnectSnippets connection={connection} />
            <ConnectionSettings
              connection={connection}
              onEdit={() => setForm('edit')}
              onReplaceHeaders={() => setForm('headers')}
            />
            <DangerZone enabled={connection.status === 'ENABLED'} onAct={(act) => ending.open({ act, connection })} />
          </Stack>
          <EditConnection opened={form === 'edit'} connection={connection} onClose={() => setForm(undefined)} />
          <ReplaceHeaders opened={form === 'headers'} connection={connection} onClose={() => setForm(undefined)} />
        </>
      )}
      {ending.value && (
        <EndConnectionDialog
          opened={ending.opened}
          act={ending.value.act}
          connection={ending.value.connection}
          onClose={(ended) => {
            if (ended && ending.value?.act === 'delete') navigate({ to: '/connections', replace: true });
            else ending.close();
          }}
        />
      )}
    </>
  );
}

function BackToList() {
  return (
    <Anchor size="sm" renderRoot={(root) => <Link {...root} to="/connections" />}>
      Connections
    </Anchor>
  );
}

function NoSuchConnection() {
  return (
    <>
      <PageHeading title="No such connection" above={<BackToList />} />
      <EmptyState description="It was deleted, or it is not yours." mt="xl">
        <EmptyState.Actions>
          <Button variant="default" renderRoot={(root) => <Link {...root} to="/connections" />}>
            Show all connections
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </>
  );
}
