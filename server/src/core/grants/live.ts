/** The question asked on every single request: does this grant still stand? One prepared statement, never cached. */
import { EVERY_REQUEST, openBatched } from '../../platform/batched.ts';
import type { Database } from '../../platform/database.ts';
import { arrayText } from '../../platform/statement.ts';
import { PERSONAL } from './grant.ts';
import { ownsAlone, STANDING, STANDING_TABLES } from './standing.ts';
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
const textOf = (mayUse: string): string => `
  SELECT k.ord, concat_ws(E'\\n',
    CASE WHEN ${flags(mayUse).join(' AND ')} AND i.status = 'active' THEN '${ALL_LIVE}' ELSE concat(${flags(mayUse).join(', ')}) END,
    r.route_key, array_to_string(g.scopes, ' '),
    concat_ws(' ', u.id, i.id, n.id, r.id, g.connection_version, g.execution_context, c.client_id)), ${UPSTREAM_TEXT}
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS k(grant_id, family_id, ord)
  JOIN oauth_grant g ON g.id = k.grant_id ${STANDING_TABLES}
  LEFT JOIN token_family f ON f.id = k.family_id AND f.grant_id = g.id`;
const ANYONES = { name: 'grantway-live', text: textOf(STANDING.mayUse) };
// Most questions are of connections of one's own, and what a statement could look at costs even where it does not.
const PERSONS = { name: 'grantway-live-personal', text: textOf(ownsAlone('g.user_id')) };

/** Asks whether the grant behind a token stands now. @throws whatever the database throws: the caller answers 503, never a refusal. */
export type LiveCheck = (claims: GrantClaims) => Promise<LiveAnswer>;

/**
 * The live check over one database. Questions that wait at the same moment share one round trip; a statement is sent only after
 * each of its questions was asked, so sharing never makes an answer older. `meanwhile` is called when one is on its way.
 */
export function openLiveCheck(database: Database, meanwhile?: () => void): LiveCheck {
  const ask = async (batch: GrantClaims[]): Promise<LiveAnswer[]> => {
    // A grant that is of another context than its token claims is dead whatever else is said of it.
    const { name, text } = batch.every(({ executionContext }) => executionContext === PERSONAL) ? PERSONS : ANYONES;
    const rows = await database.rows(name, text, [
      arrayText(batch.map(({ grantId }) => grantId)),
      arrayText(batch.map(({ familyId }) => familyId)),
    ]);
    const answers: LiveAnswer[] = batch.map(() => DEAD);
    for (const [ord, said, upstream] of rows) {
      const index = Number(ord) - 1;
      answers[index] = judge(batch[index] as GrantClaims, said as string, upstream as string);
    }
    return answers;
  };
  return openBatched(EVERY_REQUEST, ask, meanwhile);
}

const DEAD: LiveAnswer = { live: false, because: 'grant' };

type Reading = { said: string; upstream: string; answer: LiveAnswer };
const readings = new WeakMap<GrantClaims, Reading>();

/** Most rows say what the last one of the same token said. What is remembered is the reading of a text, never whether it is said now. */
function judge(claims: GrantClaims, said: string, upstream: string): LiveAnswer {
  const last = readings.get(claims);
  if (last?.said === said && last.upstream === upstream) return last.answer;
  const answer = read(claims, said, upstream);
  readings.set(claims, { said, upstream, answer });
  return answer;
}

function read(claims: GrantClaims, said: string, upstream: string): LiveAnswer {
  const [standing = '', routeKey = '', scopes = '', ...binding] = said.split('\n');
  const granted = scopes.split(' ');
  const isBound = binding.join('\n') === bindingOf(claims) && claims.scopes.every((scope) => granted.includes(scope));
  if (!isBound) return DEAD;
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
