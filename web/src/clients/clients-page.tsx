// Who can act for the viewer: the clients as cards, each with its grants.
import { Button, Stack, Text } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { graphql, type VariablesOf } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { GrantChanged, useLive } from '../graphql/use-live.ts';
import { usePages } from '../graphql/use-pages.ts';
import { ownerOf } from '../organization/owner.ts';
import type { ClientsSearch } from '../routes/clients.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { Arrivals } from './arrivals.tsx';
import { ClientCard, ClientCard_client } from './client-card.tsx';
import { ClientFilters, ClientFilters_connection } from './client-filters.tsx';
import { clientTitle } from './client-title.ts';
import type { Revocable } from './revocable.ts';
import { useSelection } from './selection.ts';
import { selection as selectionTexts, page as texts } from './texts.tsx';

// The dialog, the bar and the empty list are loaded when they are needed.
const SelectionBar = lazy(() => import('./selection-bar.tsx').then((module) => ({ default: module.SelectionBar })));
const NoClients = lazy(() => import('./no-clients.tsx').then((module) => ({ default: module.NoClients })));
const RevokeDialog = lazy(() => import('./revoke-dialog.tsx').then((module) => ({ default: module.RevokeDialog })));

const Clients = graphql(
  `
    query Clients($owner: OwnerInput, $standing: GrantStanding!, $order: ClientOrder!, $search: String, $connectionId: ID, $after: String) {
      viewer {
        usableConnections(owner: $owner) {
          ...ClientFilters_connection
        }
        authorizedClients(
          owner: $owner
          standing: $standing
          order: $order
          search: $search
          connectionId: $connectionId
          first: 20
          after: $after
        ) {
          totalCount
          edges {
            node {
              id
              client {
                id
                name
                verifiedHost
              }
              ...ClientCard_client
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
  [ClientCard_client, ClientFilters_connection],
);

const STANDINGS = { revoked: 'REVOKED', expired: 'EXPIRED' } as const;
const ORDERS = { unused: 'LONGEST_UNUSED', newest: 'NEWEST' } as const;

const typenames = ['Grant', 'AuthorizedClient', 'McpConnection'];
type Shown = ClientsSearch & { org?: string };
const variablesOf = (search: Shown): VariablesOf<typeof Clients> & { after: string | null } => ({
  owner: ownerOf(search.org),
  standing: search.status ? STANDINGS[search.status] : 'ACTIVE',
  order: search.status ? 'LAST_ENDED' : search.order ? ORDERS[search.order] : 'LAST_USED',
  search: search.q ?? null,
  connectionId: search.connection ?? null,
  after: null,
});

export const loadClients = (client: Client, search: Shown) => load(client, Clients, variablesOf(search), typenames);

const route = getRouteApi('/_signed-in/clients');

export function ClientsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/clients' });
  const list = usePages(Clients, variablesOf(search), (data) => data.viewer?.authorizedClients, typenames);
  const revoking = useTarget<Revocable>();
  const selection = useSelection();
  useLive(list.refresh, GrantChanged, search.org);
  const filter = (change: ClientsSearch) => {
    selection.end();
    navigate({ search: { ...search, ...change }, replace: true });
  };
  const total = list.data?.viewer?.authorizedClients.totalCount;
  const { nodes } = list;
  // While another list is on its way the controls stay as they are.
  const [bare, setBare] = useState(false);
  const isBare = list.data ? nodes.length === 0 && !search.q && !search.connection : bare;
  if (bare !== isBare) setBare(isBare);
  const shown = useMemo(() => nodes.map(({ id, client }) => ({ id, title: clientTitle(client) })), [nodes]);

  return (
    <>
      <PageHeading
        title={texts.title}
        lead={texts.lead}
        actions={
          !search.status &&
          nodes.length > 0 && (
            <Button variant="default" onClick={selection.active ? selection.end : selection.begin}>
              {selection.active ? selectionTexts.end : selectionTexts.begin}
            </Button>
          )
        }
      />
      <ClientFilters
        search={search}
        connections={list.data?.viewer?.usableConnections ?? []}
        bare={bare}
        onChange={filter}
      />
      <Arrivals of={JSON.stringify(search)} clients={list.data && shown} paging={list.paged} />
      {list.error && list.data && <StaleNotice error={list.error} retry={list.refresh} />}
      {!list.data && !list.error && <ListSkeleton height={220} />}
      {!list.data && list.error && <Failure title={texts.failed} error={list.error} retry={list.refresh} />}
      {list.data && nodes.length === 0 && (
        <Suspense>
          <NoClients search={search} clear={() => filter({ q: undefined, connection: undefined })} />
        </Suspense>
      )}
      {nodes.length > 0 && (
        <Stack component="ul" className="plain-list" gap="md" aria-label={texts.listLabel}>
          {nodes.map((client) => (
            <li key={client.id}>
              <ClientCard client={client} onRevoke={revoking.open} selection={selection} />
            </li>
          ))}
        </Stack>
      )}
      {total !== undefined && total > nodes.length && (
        <Text size="sm" c="dimmed" ta="center" mt="md">
          {texts.shown(nodes.length, total)}
        </Text>
      )}
      <LoadMore more={list.more} loading={list.loadingMore} />
      {selection.active && (
        <Suspense>
          <SelectionBar
            grants={selection.grants}
            onRevoke={() => revoking.open({ kind: 'selection', grants: selection.grants })}
          />
        </Suspense>
      )}
      <Suspense>
        {revoking.value && (
          <RevokeDialog
            opened={revoking.opened}
            what={revoking.value}
            onClose={(ended) => {
              revoking.close();
              if (ended) selection.end();
            }}
          />
        )}
      </Suspense>
    </>
  );
}
