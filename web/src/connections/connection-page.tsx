// One connection: how to use it, what is behind it, and how to end it.
import { Anchor, Button, EmptyState, Stack } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useState } from 'react';
import { type FragmentOf, graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { GrantChanged, useLive } from '../graphql/use-live.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { Assignees } from '../organization/assignees.tsx';
import { NotAssigned } from '../organization/not-assigned.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { ClientCount_connection, clientCount } from './access.ts';
import { Arrival, Arrival_client } from './arrival.tsx';
import { ConnectClient, ConnectSnippets_connection } from './connect-snippets.tsx';
import { ConnectionSettings, ConnectionSettings_connection } from './connection-settings.tsx';
import { ConnectionUsers, ConnectionUsers_client } from './connection-users.tsx';
import { type DangerousAct, DangerZone } from './danger-zone.tsx';
import { EditConnection, EditConnection_connection } from './edit-connection.tsx';
import { EnableConnection } from './enable-connection.tsx';
import { EndConnection_connection, EndConnectionDialog } from './end-connection-dialog.tsx';
import { hostOf } from './host-of.ts';
import { ProviderAccount, ProviderAccount_connection } from './provider-account.tsx';
import { ReplaceClient, ReplaceClient_connection } from './replace-client.tsx';
import { ReplaceHeaders, ReplaceHeaders_connection } from './replace-headers.tsx';
import { StatusBadge } from './status-badge.tsx';
import { TestConnection } from './test-connection.tsx';
import { list, page as texts, words } from './texts.tsx';
import { TroubleLink } from './trouble-link.tsx';
import { UsageSection, UsageSection_connection } from './usage-section.tsx';

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
          viewerIsAssigned
          owner {
            __typename
            ... on Organization {
              id
            }
          }
          ...ClientCount_connection
          ...ConnectSnippets_connection
          ...ConnectionSettings_connection
          ...EditConnection_connection
          ...EndConnection_connection
          ...ProviderAccount_connection
          ...ReplaceClient_connection
          ...ReplaceHeaders_connection
          ...UsageSection_connection
        }
      }
      viewer {
        authorizedClients(connectionId: $id, order: NEWEST, first: 5) {
          totalCount
          edges {
            node {
              ...Arrival_client
              ...ConnectionUsers_client
            }
          }
        }
      }
    }
  `,
  [
    Arrival_client,
    ClientCount_connection,
    ConnectionSettings_connection,
    ConnectionUsers_client,
    ConnectSnippets_connection,
    EditConnection_connection,
    EndConnection_connection,
    ProviderAccount_connection,
    ReplaceClient_connection,
    ReplaceHeaders_connection,
    UsageSection_connection,
  ],
);

const typenames = ['McpConnection', 'Grant', 'AuthorizedClient'];

export const loadConnection = (client: Client, id: string) => load(client, Connection, { id }, typenames);

const route = getRouteApi('/_signed-in/connections/$id');

export function ConnectionPage() {
  const { id } = route.useParams();
  const { provider: cameBack } = route.useSearch();
  const navigate = useNavigate();
  const { data, error, refresh } = usePageQuery(Connection, { id }, typenames);
  const [form, setForm] = useState<'edit' | 'headers' | 'client'>();
  const ending = useTarget<{
    act: DangerousAct;
    connection: FragmentOf<typeof EndConnection_connection>;
  }>();
  const connection =
    data?.node?.__typename === 'McpConnection' && data.node.status !== 'DELETED' ? data.node : undefined;
  const users = data?.viewer?.authorizedClients;
  // Who comes to a connection that nobody uses yet has come to set a client up, and goes on watching once it is there.
  const [awaited, setAwaited] = useState<boolean>();
  if (awaited === undefined && users) setAwaited(users.totalCount === 0);
  // What happens at an organization's connection is told to those who follow the organization.
  useLive(refresh, GrantChanged, connection?.owner.__typename === 'Organization' ? connection.owner.id : undefined);
  const deleting = ending.opened && ending.value?.act === 'delete';

  return (
    <>
      {!data && (error ? <Failure title={texts.failed} error={error} retry={refresh} /> : <ListSkeleton />)}
      {/* While the receipt of a deletion is open, the page behind it is not "not found". */}
      {data && !connection && !deleting && <NoSuchConnection />}
      {connection && (
        <>
          <PageHeading
            title={connection.name}
            lead={`${hostOf(connection.remoteUrl)} · ${clientCount(connection)}`}
            badge={<StatusBadge status={connection.status} />}
            above={<BackToList />}
          />
          {error && <StaleNotice error={error} retry={refresh} />}
          <Stack gap="lg">
            {connection.status === 'DISABLED' && <EnableConnection connectionId={connection.id} />}
            <ProviderAccount connection={connection} cameBack={cameBack} />
            {connection.status === 'ENABLED' && (
              <ConnectClient connection={connection}>
                {!connection.viewerIsAssigned && <NotAssigned connectionId={connection.id} />}
                {connection.viewerIsAssigned && awaited && <Arrival client={users?.edges[0]?.node} />}
              </ConnectClient>
            )}
            <TestConnection connectionId={connection.id} />
            <Assignees connectionId={connection.id} />
            <ConnectionUsers
              connectionId={connection.id}
              clients={users?.edges.map(({ node }) => node) ?? []}
              total={users?.totalCount ?? 0}
            />
            <TroubleLink connectionId={connection.id} />
            <UsageSection connection={connection} />
            <ConnectionSettings
              connection={connection}
              onEdit={() => setForm('edit')}
              onReplaceHeaders={() => setForm('headers')}
              onReplaceClient={() => setForm('client')}
            />
            <DangerZone enabled={connection.status === 'ENABLED'} onAct={(act) => ending.open({ act, connection })} />
          </Stack>
          <EditConnection opened={form === 'edit'} connection={connection} onClose={() => setForm(undefined)} />
          <ReplaceClient opened={form === 'client'} connection={connection} onClose={() => setForm(undefined)} />
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
      {words.all}
    </Anchor>
  );
}

function NoSuchConnection() {
  return (
    <>
      <PageHeading title={texts.missing} above={<BackToList />} />
      <EmptyState description={texts.missingHow} mt="xl">
        <EmptyState.Actions>
          <Button variant="default" renderRoot={(root) => <Link {...root} to="/connections" />}>
            {list.showAll}
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </>
  );
}
