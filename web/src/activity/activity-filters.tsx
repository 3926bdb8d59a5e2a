// What narrows the activity down. All of it lives in the address.
import { Group, NativeSelect } from '@mantine/core';
import { clientTitle } from '../clients/client-title.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { type ActivitySearch, readActivitySearch } from './search.ts';
import { texts } from './texts.ts';

export const ActivityFilters_viewer = graphql(`
  fragment ActivityFilters_viewer on Viewer {
    connections(owner: $owner, first: 50) {
      edges {
        node {
          id
          name
        }
      }
    }
    authorizedClients(owner: $owner, first: 50) {
      edges {
        node {
          client {
            id
            name
            verifiedHost
          }
        }
      }
    }
  }
`);

interface Props {
  search: ActivitySearch;
  viewer: FragmentOf<typeof ActivityFilters_viewer> | undefined;
  onChange: (search: ActivitySearch) => void;
}

interface Option {
  value: string;
  label: string;
}
const options = (labels: Record<string, string>): Option[] =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

/** A link may name one that is not in the list. */
const withChosen = (known: Option[], chosen: string | undefined, any: string, that: string): Option[] => [
  { value: '', label: any },
  ...known,
  ...(chosen && !known.some(({ value }) => value === chosen) ? [{ value: chosen, label: that }] : []),
];

export function ActivityFilters({ search, viewer: masked, onChange }: Props) {
  const viewer = masked && readFragment(ActivityFilters_viewer, masked);
  const connections = (viewer?.connections.edges ?? []).map(({ node }) => ({ value: node.id, label: node.name }));
  const clients = (viewer?.authorizedClients.edges ?? []).map(({ node: { client } }) => ({
    value: client.id,
    label: clientTitle(client),
  }));
  const select = (name: keyof ActivitySearch, label: string, data: Option[]) => (
    <NativeSelect
      aria-label={label}
      flex="1 1 8rem"
      data={data}
      value={search[name] ?? ''}
      onChange={(event) => onChange(readActivitySearch({ ...search, [name]: event.currentTarget.value }))}
    />
  );
  return (
    <Group mb="md" gap="sm">
      {select('kind', texts.kindLabel, options(texts.kinds))}
      {select('outcome', texts.outcomeLabel, options(texts.outcomes))}
      {select(
        'connection',
        texts.connectionLabel,
        withChosen(connections, search.connection, texts.anyConnection, texts.thatConnection),
      )}
      {select('client', texts.clientLabel, withChosen(clients, search.client, texts.anyClient, texts.thatClient))}
      {select('since', texts.sinceLabel, options(texts.since))}
    </Group>
  );
}
