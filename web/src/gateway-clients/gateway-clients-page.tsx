// For administrators: which hosts' clients are let in, and which single clients are blocked.
import { getRouteApi } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { usePages } from '../graphql/use-pages.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { AllClients, AllClientsList } from './all-clients.tsx';
import { Hosts, Hosts_host } from './hosts.tsx';
import { page as texts } from './texts.ts';

const ClientHosts = graphql(
  `
    query ClientHosts {
      clientHosts {
        host
        ...Hosts_host
      }
    }
  `,
  [Hosts_host],
);

const typenames = ['ClientHost', 'Client'];

export const loadGatewayClients = (client: Client) => load(client, ClientHosts, {}, typenames);

const route = getRouteApi('/_signed-in/settings/clients');

export function GatewayClientsPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const hosts = usePageQuery(ClientHosts, {}, typenames);
  const list = usePages(
    AllClients,
    { search: q ?? null, after: null as string | null },
    (data) => data.clients,
    typenames,
  );

  return (
    <>
      <PageHeading title={texts.title} lead={texts.lead} />
      {hosts.error && hosts.data && <StaleNotice error={hosts.error} retry={hosts.refresh} />}
      {!hosts.data && !hosts.error && <ListSkeleton height={72} />}
      {!hosts.data && hosts.error && <Failure title={texts.failed} error={hosts.error} retry={hosts.refresh} />}
      {hosts.data && <Hosts hosts={hosts.data.clientHosts} />}
      <AllClientsList
        list={list}
        search={q ?? ''}
        onSearch={(text) => navigate({ search: { q: text || undefined }, replace: true })}
      />
    </>
  );
}
