// What narrows the list of clients down: standing, words, connection, order. All of it lives in the address.
import { Group, NativeSelect, SegmentedControl } from '@mantine/core';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import type { ClientsSearch } from '../routes/clients.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { page as texts } from './texts.tsx';

export const ClientFilters_connection = graphql(`
  fragment ClientFilters_connection on McpConnection {
    id
    name
  }
`);

interface Props {
  search: ClientsSearch;
  connections: readonly FragmentOf<typeof ClientFilters_connection>[];
  /** Whether there is nothing that could be narrowed down. */
  bare: boolean;
  onChange: (change: ClientsSearch) => void;
}

export function ClientFilters({ search, connections: masked, bare, onChange }: Props) {
  const known = readFragment(ClientFilters_connection, masked).map(({ id, name }) => ({ value: id, label: name }));
  const connections = [{ value: '', label: texts.anyConnection }, ...known];
  // A link may name one that is not in the list any more.
  if (search.connection && !known.some(({ value }) => value === search.connection))
    connections.push({ value: search.connection, label: texts.thatConnection });
  return (
    <Group mb="md" gap="sm">
      <SegmentedControl
        aria-label={texts.filterLabel}
        value={search.status ?? 'active'}
        onChange={(value) => onChange({ status: value === 'revoked' || value === 'expired' ? value : undefined })}
        data={Object.entries(texts.standings).map(([value, label]) => ({ value, label }))}
      />
      {!bare && (
        <>
          <SearchField
            label={texts.searchLabel}
            value={search.q ?? ''}
            onSearch={(text) => onChange({ q: text || undefined })}
          />
          <NativeSelect
            aria-label={texts.connectionLabel}
            flex="1 1 10rem"
            maw={{ sm: '16rem' }}
            data={connections}
            value={search.connection ?? ''}
            onChange={(event) => onChange({ connection: event.currentTarget.value || undefined })}
          />
        </>
      )}
      {!bare && !search.status && (
        <NativeSelect
          aria-label={texts.orderLabel}
          flex="1 1 8rem"
          maw={{ sm: '12rem' }}
          data={Object.entries(texts.orders).map(([value, label]) => ({ value, label }))}
          value={search.order ?? 'used'}
          onChange={({ currentTarget: { value } }) =>
            onChange({ order: value === 'unused' || value === 'newest' ? value : undefined })
          }
        />
      )}
    </Group>
  );
}
