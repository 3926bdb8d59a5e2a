/** The question asked on every single request, of the database: does this grant still stand? */
import { EVERY_REQUEST, openBatched } from '../../platform/batched.ts';
import type { Database } from '../../platform/database.ts';
import { arrayText } from '../../platform/statement.ts';
import { PERSONAL } from './grant.ts';
import { ownsAlone, STANDING, STANDING_TABLES } from './standing.ts';
import { CLOCK, look, SEEN, type Sight, sightOf } from './unchanged.ts';
import { readUpstream, UPSTREAM_TEXT, type Upstream } from './upstream.ts';

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

export type LiveAnswer =
  | { live: true; routeKey: string; upstream: Upstream }
  /** `route` gone → 404; `grant` (revoked, expired, rebound, its family or instance dead) → 401; `user` may not → 403. */
  | { live: false; because: 'route' | 'grant' | 'user' };

// Each is true where the grant lives.
const flags = (mayUse: string): string[] => [
  STANDING.routeLive,
  STANDING.grantLive,
  '(f.id IS NOT NULL AND f.revoked_at IS NULL)',
  STANDING.clientLive,
  STANDING.userLive,
  mayUse,
];
const ALL_LIVE = 'live';
// Texts rather than columns, because each column of each row costs on both sides. None of what is joined holds a line's end but, were
// someone to put one there, the binding, which is last and compared as a whole.
// What the statement sees is told once.
const textOf = (mayUse: string): string => `
  SELECT k.ord, concat_ws(E'\\n',
    CASE WHEN ${flags(mayUse).join(' AND ')} AND i.status = 'active' THEN '${ALL_LIVE}' ELSE concat(${flags(mayUse).join(', ')}) END,
    r.route_key, array_to_string(g.scopes, ' '), COALESCE(extract(epoch FROM g.expires_at)::text, ''),
    concat_ws(' ', u.id, i.id, n.id, r.id, g.connection_version, g.execution_context, c.client_id)), ${UPSTREAM_TEXT},
    CASE k.ord WHEN 1 THEN ${SEEN} END, CASE k.ord WHEN 1 THEN ${CLOCK} END
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS k(grant_id, family_id, ord)
  JOIN oauth_grant g ON g.id = k.grant_id ${STANDING_TABLES}
  LEFT JOIN token_family f ON f.id = k.family_id AND f.grant_id = g.id`;
const ANYONES = { name: 'grantway-live', text: textOf(STANDING.mayUse) };
// Most questions are of connections of one's own, and what a statement could look at costs even where it does not.
const PERSONS = { name: 'grantway-live-personal', text: textOf(ownsAlone('g.user_id')) };

/** Asks whether the grant behind a token stands now. @throws whatever the database throws: the caller answers 503, never a refusal. */
export type LiveCheck = (claims: GrantClaims) => Promise<LiveAnswer>;

/** A row that was read: what it said, what that means, until when (in seconds since the epoch), and what the database saw then. */
type Reading = { said: string; upstream: string; answer: LiveAnswer; endsAt: number; seen: string | null };

// After longer than this something was probably committed, and asking for the rows at once is the shorter way.
const LIKELY_UNCHANGED_MS = 100;

/**
 * The live check over one database. Questions that wait at the same moment share one round trip; a statement is sent only after
 * each of its questions was asked, so sharing never makes an answer older. Where nothing that is known of was committed since rows were
 * read, it asks only whether anything was: if nothing, they say what they said. `meanwhile` is called when one is on its way.
 */
export function openLiveCheck(database: Database, meanwhile?: () => void): LiveCheck {
  const readings = new WeakMap<GrantClaims, Reading>();
  /** What the database saw when it was last asked, and when that was by this process's own clock, in milliseconds. */
  let last: { seen: string | null; at: number } = { seen: null, at: 0 };

  const heard = (sight: Sight): Sight => {
    last = { seen: sight.seen, at: performance.now() };
    return sight;
  };

  const read = async (asked: GrantClaims[], answers: Map<GrantClaims, LiveAnswer>): Promise<Sight> => {
    // A grant that is of another context than its token claims is dead whatever else is said of it.
    const { name, text } = asked.every(({ executionContext }) => executionContext === PERSONAL) ? PERSONS : ANYONES;
    const rows = await database.rows(name, text, [
      arrayText(asked.map(({ grantId }) => grantId)),
      arrayText(asked.map(({ familyId }) => familyId)),
    ]);
    const first = rows.find(([ord]) => ord === '1');
    const sight = heard(sightOf(first?.[3], first?.[4]));
    for (const [ord, said, upstream] of rows) {
      const claims = asked[Number(ord) - 1] as GrantClaims;
      const reading = readingOf(claims, said as string, upstream as string, readings.get(claims));
      readings.set(claims, { ...reading, seen: sight.seen });
      answers.set(claims, reading.answer);
    }
    return sight;
  };

  /** Of which the database saw, when they were read, what it saw when it was last asked. What was refused is read each time. */
  const remembered = (batch: GrantClaims[]): Map<GrantClaims, Reading> => {
    const known = new Map<GrantClaims, Reading>();
    if (last.seen === null || performance.now() - last.at > LIKELY_UNCHANGED_MS) return known;
    for (const claims of batch) {
      const reading = readings.get(claims);
      if (reading?.seen === last.seen && reading.answer.live) known.set(claims, reading);
    }
    return known;
  };

  const ask = async (batch: GrantClaims[]): Promise<LiveAnswer[]> => {
    const answers = new Map<GrantClaims, LiveAnswer>();
    const known = remembered(batch);
    const unknown = batch.filter((claims) => !known.has(claims));
    const sight = unknown.length > 0 ? await read([...new Set(unknown)], answers) : heard(await look(database));
    const changed: GrantClaims[] = [];
    for (const [claims, reading] of known) {
      if (reading.seen === sight.seen && reading.endsAt > sight.clock) answers.set(claims, reading.answer);
      else changed.push(claims);
    }
    if (changed.length > 0) await read(changed, answers);
    return batch.map((claims) => answers.get(claims) ?? DEAD);
  };
  return openBatched(EVERY_REQUEST, ask, meanwhile);
}

const DEAD: LiveAnswer = { live: false, because: 'grant' };

/** Most rows say what the last one of the same token said, and are not taken apart again. */
function readingOf(
  claims: GrantClaims,
  said: string,
  upstream: string,
  last: Reading | undefined,
): Omit<Reading, 'seen'> {
  if (last?.said === said && last.upstream === upstream) return last;
  const [standing = '', routeKey = '', scopes = '', expiresAt = '', ...binding] = said.split('\n');
  const granted = scopes.split(' ');
  const isBound = binding.join('\n') === bindingOf(claims) && claims.scopes.every((scope) => granted.includes(scope));
  const endsAt = expiresAt === '' ? Number.POSITIVE_INFINITY : Number(expiresAt);
  return { said, upstream, endsAt, answer: isBound ? answerOf(standing, routeKey, upstream) : DEAD };
}

function answerOf(standing: string, routeKey: string, upstream: string): LiveAnswer {
  if (standing === ALL_LIVE) return { live: true, routeKey, upstream: readUpstream(upstream) };
  const [route, grant, family, client, user, mayUse] = standing;
  if (route !== 't') return { live: false, because: 'route' };
  if (grant !== 't' || family !== 't' || client !== 't') return DEAD;
  if (user !== 't' || mayUse !== 't') return { live: false, because: 'user' };
  return DEAD;
}

/** What the statement says of a grant that is bound as the token claims. */
const bindingOf = (claims: GrantClaims): string =>
  [
    claims.userId,
    claims.instanceId,
    claims.connectionId,
    claims.connectResourceId,
    claims.connectionVersion,
    claims.executionContext,
    claims.clientId,
  ].join(' ');
