// Who can act for the viewer: the grants as cards.
import { Button, Code, EmptyState, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { lazy, Suspense } from 'react';
import { graphql, type VariablesOf } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePages } from '../graphql/use-pages.ts';
import type { ClientsSearch } from '../routes/clients.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { GrantCard, GrantCard_grant } from './grant-card.tsx';
import type { RevocableGrant } from './revoke-grant-dialog.tsx';
import type { SignIn } from './sign-ins.tsx';

// The dialogs and what they need are loaded when one is opened.
const RevokeGrantDialog = lazy(() =>
  import('./revoke-grant-dialog.tsx').then((module) => ({ default: module.RevokeGrantDialog })),
);
const RevokeSignInDialog = lazy(() =>
  import('./revoke-sign-in-dialog.tsx').then((module) => ({ default: module.RevokeSignInDialog })),
);

const Clients = graphql(
  `
    query Clients($status: GrantStatus!, $search: String, $after: String) {
      viewer {
        grants(status: $status, search: $search, first: 20, after: $after) {
          totalCount
          edges {
            node {
              id
              ...GrantCard_grant
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
  [GrantCard_grant],
);

const typenames = ['Grant'];
const variablesOf = ({ status, q }: ClientsSearch): VariablesOf<typeof Clients> & { after: string | null } => ({
  status: status === 'revoked' ? 'REVOKED' : 'ACTIVE',
  search: q ?? null,
  after: null,
});

export const loadClients = (client: Client, search: ClientsSearch) =>
  load(client, Clients, variablesOf(search), typenames);

const route = getRouteApi('/_signed-in/clients');

export function ClientsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/clients' });
  const list = usePages(Clients, variablesOf(search), (data) => data.viewer?.grants, typenames);
  const revoking = useTarget<RevocableGrant>();
  const revokingSignIn = useTarget<SignIn & { client: string; connection: string }>();
  const filter = (change: ClientsSearch) => navigate({ search: { ...search, ...change }, replace: true });
  const total = list.data?.viewer?.grants.totalCount;

  return (
    <>
      <PageHeading
        title="Authorized clients"
        lead="Applications that may act for you through Grantway, until you say otherwise. Revoking works on their very next request."
      />
      <Group mb="md" gap="sm">
        <SegmentedControl
          aria-label="Show"
          value={search.status ?? 'active'}
          onChange={(value) => filter({ status: value === 'revoked' ? 'revoked' : undefined })}
          data={[
            { value: 'active', label: 'Active' },
            { value: 'revoked', label: 'Revoked' },
          ]}
        />
        <SearchField
          label="Search clients and connections"
          value={search.q ?? ''}
          onSearch={(text) => filter({ q: text || undefined })}
        />
      </Group>
      {list.error && list.data && <StaleNotice error={list.error} retry={list.refresh} />}
      {!list.data && !list.error && <ListSkeleton height={220} />}
      {!list.data && list.error && (
        <Failure title="The authorized clients could not be loaded" error={list.error} retry={list.refresh} />
      )}
      {list.data && list.nodes.length === 0 && <Nothing search={search} clear={() => filter({ q: undefined })} />}
      {list.nodes.length > 0 && (
        <Stack component="ul" className="plain-list" gap="md" aria-label="Grants">
          {list.nodes.map((grant) => (
            <li key={grant.id}>
              <GrantCard grant={grant} onRevoke={revoking.open} onRevokeSignIn={revokingSignIn.open} />
            </li>
          ))}
        </Stack>
      )}
      {total !== undefined && total > list.nodes.length && (
        <Text size="sm" c="dimmed" ta="center" mt="md">
          {list.nodes.length} of {total} shown
        </Text>
      )}
      <LoadMore more={list.more} loading={list.loadingMore} />
      <Suspense>
        {revoking.value && (
          <RevokeGrantDialog opened={revoking.opened} grant={revoking.value} onClose={revoking.close} />
        )}
        {revokingSignIn.value && (
          <RevokeSignInDialog
            opened={revokingSignIn.opened}
            signIn={revokingSignIn.value}
            onClose={revokingSignIn.close}
          />
        )}
      </Suspense>
    </>
  );
}

function Nothing({ search, clear }: { search: ClientsSearch; clear: () => void }) {
  if (search.q) {
    return (
      <EmptyState title="Nothing matches" description={`No client or connection here matches “${search.q}”.`} mt="xl">
        <EmptyState.Actions>
          <Button variant="default" onClick={clear}>
            Clear the search
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    );
  }
  if (search.status === 'revoked') {
    return <EmptyState title="Nothing was revoked yet" description="What you revoke stays visible here." mt="xl" />;
  }
  return (
    <EmptyState
      icon={<IconShieldCheck aria-hidden />}
      withIndicatorBackground
      mt={48}
      title="No client can act for you yet"
      description={
        <Text component="span" inherit>
          Open a connection, copy its line for your client, and run it, for example{' '}
          <Code>claude mcp add --transport http …</Code>. The client opens your browser and asks; what you allow appears
          here.
        </Text>
      }
    >
      <EmptyState.Actions>
        <Button renderRoot={(root) => <Link {...root} to="/connections" />}>Go to connections</Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}
