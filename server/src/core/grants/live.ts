/** The question asked on every single request: does this grant still stand? One prepared statement, never cached. */
import type { Database } from '../../platform/database.ts';
import { arrayText, type TextRow } from '../../platform/statement.ts';
import { STANDING_COLUMNS, STANDING_TABLES, type Standing } from './standing.ts';

/** What a token claims to be bound to; each member is compared with the rows. */
export type GrantClaims = {
  grantId: string;
  familyId: string;
  userId: string;
  clientId: string;
  instanceId: string;
  connectionId: string;
  connectResourceId: string;
  connectionVersion: number;
  executionContext: string;
  scopes: readonly string[];
};

/** What the gateway needs to reach the upstream on behalf of a living grant. */
export type Upstream = {
  remoteUrl: string;
  authMode: 'none' | 'static_headers' | 'oauth_dynamic' | 'oauth_static';
  pathPassthrough: boolean;
  auxiliaryHeaders: { name: string; value: string }[];
  /** Where the sealed static headers lie; null for none. */
  secretId: string | null;
  secretVersion: number | null;
  /** The user's sign-in at the provider, and which of its tokens is the current one; null for none. */
  providerGrantId: string | null;
  providerGrantVersion: number | null;
};

export type LiveAnswer =
  | { live: true; routeKey: string; upstream: Upstream }
  /** `route` gone → 404; `grant` (revoked, expired, rebound, its family or instance dead) → 401; `user` may not → 403. */
  | { live: false; because: 'route' | 'grant' | 'user' };

/** The columns of an Upstream over a connection `n` and its instance `i`, and the tables that they need beside those. */
export const UPSTREAM_COLUMNS = `
    n.remote_url AS "remoteUrl", n.auth_mode::text AS "authMode",
    n.path_passthrough AS "pathPassthrough", n.auxiliary_headers AS "auxiliaryHeaders",
    s.id AS "secretId", s.version AS "secretVersion",
    w.id AS "providerGrantId", w.version AS "providerGrantVersion"`;
export const UPSTREAM_TABLES = `
  LEFT JOIN connection_secret s ON s.connection_id = n.id AND s.kind = 'static_headers'
  LEFT JOIN provider_grant w ON w.instance_id = i.id AND w.revoked_at IS NULL`;

/** The upstream of a row that was read with those columns. */
export const upstreamOf = ({
  remoteUrl,
  authMode,
  pathPassthrough,
  auxiliaryHeaders,
  secretId,
  secretVersion,
  providerGrantId,
  providerGrantVersion,
}: Upstream): Upstream => ({
  remoteUrl,
  authMode,
  pathPassthrough,
  auxiliaryHeaders,
  secretId,
  secretVersion,
  providerGrantId,
  providerGrantVersion,
});

const COLUMNS = `k.ord AS "ord", ${STANDING_COLUMNS},
    (u.id = k.user_id AND c.client_id = k.client_id AND i.id = k.instance_id AND n.id = k.connection_id AND r.id = k.resource_id
      AND g.connection_version = k.version AND g.execution_context = k.context
      AND string_to_array(k.scopes, ' ') <@ g.scopes) AS "bound",
    (f.id IS NOT NULL AND f.revoked_at IS NULL) AS "familyLive",
    r.route_key AS "routeKey", ${UPSTREAM_COLUMNS}`;
const NAME = 'grantway-live';
const TEXT = `
  SELECT ${COLUMNS}
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::text[], $10::text[])
    WITH ORDINALITY AS k(grant_id, family_id, user_id, client_id, instance_id, connection_id, resource_id, version, context, scopes, ord)
  JOIN oauth_grant g ON g.id = k.grant_id ${STANDING_TABLES}
  LEFT JOIN token_family f ON f.id = k.family_id AND f.grant_id = g.id ${UPSTREAM_TABLES}`;

/** Where each column stands in a row: rows come as they are written, without names. */
const NAMES = [...COLUMNS.matchAll(/ AS "(\w+)"/g)].map(([, name]) => name as string);
const at = (name: keyof Standing | keyof Upstream | 'ord' | 'bound' | 'familyLive' | 'routeKey'): number =>
  NAMES.indexOf(name);
const ORD = at('ord');
const BOUND = at('bound');
const ROUTE_LIVE = at('routeLive');
const OF_GRANT = [at('grantLive'), at('familyLive'), at('clientLive')];
const OF_USER = [at('userLive'), at('mayUse')];
const INSTANCE_STATUS = at('instanceStatus');
const ROUTE_KEY = at('routeKey');
const UPSTREAM_FROM = ROUTE_KEY + 1;

/** Asks whether the grant behind a token stands now. @throws whatever the database throws: the caller answers 503, never a refusal. */
export type LiveCheck = (claims: GrantClaims) => Promise<LiveAnswer>;

type Waiting = { claims: GrantClaims; resolve: (answer: LiveAnswer) => void; reject: (error: unknown) => void };

// Above this, one statement would make the first of its callers wait for the last.
const MAX_BATCH = 64;
// Statements under way at once. While one is, questions gather for the next: that is what makes a statement's cost one for many.
const LANES = 1;
// A statement that takes so long is waiting for something: others need not wait behind it.
const SLOW_MS = 20;

/**
 * The live check over one database. Questions that wait at the same moment share one round trip; a statement is sent only after
 * each of its questions was asked, so sharing never makes an answer older.
 */
export function openLiveCheck(database: Database): LiveCheck {
  let waiting: Waiting[] = [];
  let under = 0;
  let scheduled = false;
  const send = (): void => {
    scheduled = false;
    while (under < LANES && waiting.length > 0) {
      const batch = waiting.length <= MAX_BATCH ? waiting : waiting.slice(0, MAX_BATCH);
      waiting = waiting.length <= MAX_BATCH ? [] : waiting.slice(MAX_BATCH);
      void ask(batch);
    }
  };
  /** At the end of this turn of the event loop, so that what arrived in it goes together. */
  const schedule = (): void => {
    if (scheduled || under >= LANES || waiting.length === 0) return;
    scheduled = true;
    setImmediate(send);
  };
  const ask = async (batch: Waiting[]): Promise<void> => {
    let counts = true;
    const leave = (): void => {
      if (!counts) return;
      counts = false;
      under--;
      schedule();
    };
    under++;
    const late = setTimeout(leave, SLOW_MS);
    await answer(database, batch);
    clearTimeout(late);
    leave();
  };
  return (claims) =>
    new Promise((resolve, reject) => {
      waiting.push({ claims, resolve, reject });
      schedule();
    });
}

async function answer(database: Database, batch: Waiting[]): Promise<void> {
  try {
    const column = (pick: (claims: GrantClaims) => string): string =>
      arrayText(batch.map(({ claims }) => pick(claims)));
    const rows = await database.rows(NAME, TEXT, [
      column((claims) => claims.grantId),
      column((claims) => claims.familyId),
      column((claims) => claims.userId),
      column((claims) => claims.clientId),
      column((claims) => claims.instanceId),
      column((claims) => claims.connectionId),
      column((claims) => claims.connectResourceId),
      column((claims) => String(claims.connectionVersion)),
      column((claims) => claims.executionContext),
      // Scopes hold no spaces (RFC 6749 §3.3), and PostgreSQL has no arrays of arrays of different lengths.
      column((claims) => claims.scopes.join(' ')),
    ]);
    const byOrder: (TextRow | undefined)[] = [];
    for (const row of rows) byOrder[Number(row[ORD]) - 1] = row;
    for (const [index, { resolve }] of batch.entries()) resolve(judge(byOrder[index]));
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function judge(row: TextRow | undefined): LiveAnswer {
  if (row?.[BOUND] !== 't') return { live: false, because: 'grant' };
  if (row[ROUTE_LIVE] !== 't') return { live: false, because: 'route' };
  if (!OF_GRANT.every((column) => row[column] === 't')) return { live: false, because: 'grant' };
  if (!OF_USER.every((column) => row[column] === 't')) return { live: false, because: 'user' };
  if (row[INSTANCE_STATUS] !== 'active') return { live: false, because: 'grant' };
  return { live: true, routeKey: row[ROUTE_KEY] as string, upstream: readUpstream(row) };
}

const read = new Map<string, Upstream>();
const MAX_READ = 1_000;

/** Most rows say of their upstream what the last one said: what is remembered is the reading of a text, not what it said of whom. */
function readUpstream(row: TextRow): Upstream {
  const key = row.slice(UPSTREAM_FROM).join('\0');
  const known = read.get(key);
  if (known) return known;
  const text = (name: keyof Upstream): string | null => row[at(name)] as string | null;
  const number = (name: keyof Upstream): number | null => (text(name) === null ? null : Number(text(name)));
  const upstream: Upstream = {
    remoteUrl: text('remoteUrl') as string,
    authMode: text('authMode') as Upstream['authMode'],
    pathPassthrough: text('pathPassthrough') === 't',
    auxiliaryHeaders: JSON.parse(text('auxiliaryHeaders') as string),
    secretId: text('secretId'),
    secretVersion: number('secretVersion'),
    providerGrantId: text('providerGrantId'),
    providerGrantVersion: number('providerGrantVersion'),
  };
  if (read.size >= MAX_READ) read.clear();
  read.set(key, upstream);
  return upstream;
}
