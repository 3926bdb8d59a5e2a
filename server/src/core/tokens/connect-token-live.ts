/** The question asked on every request with a derived connect token: does everything that it hangs on still stand? One statement, never cached. */
import { EVERY_REQUEST, openBatched } from '../../platform/batched.ts';
import type { Database } from '../../platform/database.ts';
import type { LiveAnswer } from '../grants/live.ts';
import { mayUse } from '../grants/standing.ts';
import { readUpstream, UPSTREAM_TEXT } from '../grants/upstream.ts';
import type { ConnectClaims } from './connect-token.ts';

type Row = {
  ord: number;
  minterLive: boolean;
  bound: boolean;
  userLive: boolean;
  mayUse: boolean;
  routeLive: boolean;
  instanceStatus: string;
  routeKey: string;
  upstream: string;
};

const NAME = 'grantway-connect-live';
// A key of an organization reaches that organization's connections alone.
const TEXT = `
  SELECT k.ord::int, (q.id IS NOT NULL OR y.id IS NOT NULL) AS "minterLive",
    (n.version = k.version AND COALESCE('organization:' || n.owner_organization_id, 'personal') = k.context) AS bound,
    (u.blocked_at IS NULL AND u.deleted_at IS NULL) AS "userLive",
    ${mayUse('u.id')} AS "mayUse",
    (r.retired_at IS NULL AND n.deleted_at IS NULL AND n.status = 'enabled') AS "routeLive",
    i.status::text AS "instanceStatus", r.route_key AS "routeKey", ${UPSTREAM_TEXT} AS upstream
  FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::text[])
    WITH ORDINALITY AS k(minter_kind, minter_id, user_id, instance_id, connection_id, resource_id, version, context, ord)
  JOIN "user" u ON u.id = k.user_id
  JOIN connection n ON n.id = k.connection_id
  JOIN connect_resource r ON r.id = k.resource_id AND r.connection_id = n.id
  JOIN connection_instance i ON i.id = k.instance_id AND i.connection_id = n.id AND i.user_id = u.id
  LEFT JOIN session q ON k.minter_kind = 'session' AND q.id = k.minter_id AND q.user_id = u.id AND q.expires_at > clock_timestamp()
  LEFT JOIN api_key y ON k.minter_kind = 'api_key' AND y.id = k.minter_id AND y.user_id = u.id AND y.revoked_at IS NULL
    AND (y.expires_at IS NULL OR y.expires_at > clock_timestamp())
    AND (y.organization_id IS NULL OR y.organization_id = n.owner_organization_id)`;

export type ConnectCheck = (claims: ConnectClaims) => Promise<LiveAnswer>;

/** The check over one database. @throws whatever the database throws: the caller answers 503, never a refusal. */
export function openConnectCheck(database: Database): ConnectCheck {
  return openBatched<ConnectClaims, LiveAnswer>(EVERY_REQUEST, async (batch) => {
    const column = <T>(pick: (claims: ConnectClaims) => T): T[] => batch.map(pick);
    const rows = (await database.query(NAME, TEXT, [
      column(({ minter }) => minter.kind),
      column(({ minter }) => minter.id),
      column((claims) => claims.userId),
      column((claims) => claims.instanceId),
      column((claims) => claims.connectionId),
      column((claims) => claims.connectResourceId),
      column((claims) => claims.connectionVersion),
      column((claims) => claims.executionContext),
    ])) as Row[];
    const byOrder = new Map(rows.map((row) => [row.ord, row]));
    return batch.map((_claims, index) => judge(byOrder.get(index + 1)));
  });
}

/** What it hangs on is gone, or is another's: sign in again. The reasons are those of a grant's check, so that the answers are too. */
function judge(row: Row | undefined): LiveAnswer {
  if (!row) return { live: false, because: 'grant' };
  if (!row.routeLive) return { live: false, because: 'route' };
  if (!row.minterLive || !row.bound) return { live: false, because: 'grant' };
  if (!row.userLive || !row.mayUse) return { live: false, because: 'user' };
  if (row.instanceStatus !== 'active') return { live: false, because: 'grant' };
  return { live: true, routeKey: row.routeKey, upstream: readUpstream(row.upstream) };
}
