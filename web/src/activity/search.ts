// The filters of the activity as the address holds them, and as the server is asked.
import { searchText } from '../routes/search-text.ts';

export const KINDS = {
  grants: ['grant.*', 'family.*', 'refresh.*'],
  authorizations: ['authorization.*'],
  connections: ['connection.*', 'assignment.*'],
  providers: ['provider.*'],
  denials: ['runtime.*', 'stream.*'],
  clients: ['client.*', 'client_host.*'],
  accounts: ['user.*', 'session.*', 'password.*', 'email.*', 'account.*'],
  people: ['organization.*', 'member.*', 'invitation.*'],
  keys: ['api_key.*', 'connect_token.*'],
} as const;

const HOURS = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 } as const;
const OUTCOMES = ['success', 'denied', 'failure'] as const;

export interface ActivitySearch {
  kind?: keyof typeof KINDS;
  outcome?: (typeof OUTCOMES)[number];
  /** The id of one connection. */
  connection?: string;
  /** The id of one client. */
  client?: string;
  since?: keyof typeof HOURS;
}

const oneOf = <Value extends string>(values: readonly Value[], value: unknown): Value | undefined =>
  values.find((known) => known === value);

export const readActivitySearch = (search: Record<string, unknown>): ActivitySearch => ({
  kind: oneOf(Object.keys(KINDS) as (keyof typeof KINDS)[], search.kind),
  outcome: oneOf(OUTCOMES, search.outcome),
  connection: searchText(search.connection),
  client: searchText(search.client),
  since: oneOf(Object.keys(HOURS) as (keyof typeof HOURS)[], search.since),
});

/** To the minute: the same filters ask the same question again, and find the answer in the cache. */
function sinceInstant(since: ActivitySearch['since'], now: number): string | null {
  if (!since) return null;
  const minute = 60_000;
  return new Date(Math.floor(now / minute) * minute - HOURS[since] * 60 * minute).toISOString();
}

type Outcome = 'SUCCESS' | 'DENIED' | 'FAILURE';

export const filterOf = ({ kind, outcome, connection, client, since }: ActivitySearch, now: number) => ({
  kinds: kind ? [...KINDS[kind]] : null,
  outcome: outcome ? (outcome.toUpperCase() as Outcome) : null,
  connectionId: connection ?? null,
  clientId: client ?? null,
  since: sinceInstant(since, now),
});

/** Where the same events are as a file. */
export function exportUrl(
  search: ActivitySearch,
  format: 'csv' | 'ndjson',
  now: number,
  organizationId?: string,
): string {
  const query = new URLSearchParams({ format });
  const filter = { ...filterOf(search, now), organizationId };
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, String(value));
  return `/api/audit-events?${query}`;
}
