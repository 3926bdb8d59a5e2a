// The list of connections.
import { Button, Group, Stack } from '@mantine/core';
import { IconPlug, IconPlus } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useState } from 'react';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { GrantChanged, useLive } from '../graphql/use-live.ts';
import { usePages } from '../graphql/use-pages.ts';
import { ownerOf } from '../organization/owner.ts';
import { EmptyList } from '../ui/empty-list.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { NoMatch } from '../ui/no-match.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { Arrival_client } from './arrival.tsx';
import { ConnectionCard, ConnectionCard_connection } from './connection-card.tsx';
import { FirstRun, FirstRun_connection } from './first-run.tsx';
import { list as texts } from './texts.tsx';

const Connections = graphql(
  `
    query Connections($owner: OwnerInput, $search: String, $after: String) {
      viewer {
        authorizedClients(owner: $owner, order: NEWEST, first: 1) {
          totalCount
          edges {
            node {
              ...Arrival_client
            }
          }
        }
        connections(owner: $owner, search: $search, first: 20, after: $after) {
          totalCount
          edges {
            node {
              id
              status
              ...ConnectionCard_connection
              ...FirstRun_connection
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [Arrival_client, ConnectionCard_connection, FirstRun_connection],
);

/** Fewer are seen at a glance. */
const FILTERED_FROM = 6;

const typenames = ['McpConnection', 'Grant', 'AuthorizedClient'];
const variablesOf = (q: string | undefined, org: string | undefined) => ({
  owner: ownerOf(org),
  search: q ?? null,
  after: null as string | null,
});

export const loadConnections = (client: Client, { q, org }: { q?: string; org?: string }) =>
  load(client, Connections, variablesOf(q, org), typenames);

const route = getRouteApi('/_signed-in/connections');

export function ConnectionsPage() {
  const { q, org } = route.useSearch();
  const navigate = useNavigate({ from: '/connections' });
  const list = usePages(Connections, variablesOf(q, org), (data) => data.viewer?.connections, typenames);
  const empty = list.data && list.nodes.length === 0;
  const clients = list.data?.viewer?.authorizedClients;
  const first = list.nodes.find(({ status }) => status === 'ENABLED');
  // Decided by what was found on arrival, so that the first client's arrival is still to be seen.
  const [firstRun, setFirstRun] = useState<boolean>();
  if (firstRun === undefined && clients && !q) setFirstRun(clients.totalCount === 0);
  useLive(list.refresh, GrantChanged, org);
  const search = (text: string) => navigate({ search: { q: text || undefined }, replace: true });

  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead} actions={(!empty || q) && <NewConnection />} />
      {((list.data?.viewer?.connections.totalCount ?? 0) >= FILTERED_FROM || q) && (
        <Group mb="md">
          <SearchField label={texts.filter} value={q ?? ''} onSearch={search} />
        </Group>
      )}
      {list.error && list.data && <StaleNotice error={list.error} retry={list.refresh} />}
      {!list.data && !list.error && <ListSkeleton height={92} />}
      {!list.data && list.error && <Failure title={texts.failed} error={list.error} retry={list.refresh} />}
      {firstRun && first && !q && <FirstRun connection={first} client={clients?.edges[0]?.node} />}
      {empty && q && (
        <NoMatch title={texts.noMatch} how={texts.noMatchHow(q)} all={texts.showAll} showAll={() => search('')} />
      )}
      {empty && !q && <FirstConnection />}
      <Stack component="ul" className="plain-list" gap="md" aria-label={texts.label}>
        {list.nodes.map((connection) => (
          <li key={connection.id}>
            <ConnectionCard connection={connection} />
          </li>
        ))}
      </Stack>
      <LoadMore more={list.more} loading={list.loadingMore} />
    </>
  );
}

function NewConnection() {
  return (
    <Button
      leftSection={<IconPlus size={18} aria-hidden />}
      renderRoot={(root) => <Link {...root} to="/connections/new" />}
    >
      {texts.create}
    </Button>
  );
}

function FirstConnection() {
  return (
    <EmptyList icon={IconPlug} title={texts.first} how={texts.firstHow}>
      <NewConnection />
    </EmptyList>
  );
}
