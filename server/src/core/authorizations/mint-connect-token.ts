/** Minting a derived connect token: a person, or an API key of theirs, uses a connection without a client's grant. */
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { connectUrl } from '../connections/resource.ts';
import { executionContextOf } from '../grants/grant.ts';
import { holdConnection, holdInstance } from '../grants/hold.ts';
import {
  type ConnectClaims,
  MAX_CONNECT_TOKEN_SECONDS,
  type Minter,
  mintConnectToken,
  USUAL_CONNECT_TOKEN_SECONDS,
} from '../tokens/connect-token.ts';

export type ConnectToken = { token: string; expiresAt: Date; url: string };

/** `gone`: what would mint it has ended, or may not reach this connection; like a connection that one may not use. */
export type MintRefusal = { kind: 'bad_expiry' } | { kind: 'gone' } | { kind: 'provider_sign_in_required' };

const LEAST_SECONDS = 60;

/**
 * Mints a token for a connection that the user may use now; the user's instance is made where there is none. It never outlives what
 * minted it. The caller has authenticated the minter, and knows that it may mint. @throws Unavailable
 */
export async function mintConnectTokenFor(
  { database, keyring, issuer, now }: { database: Database; keyring: Keyring; issuer: string; now: Date },
  caller: { userId: string; minter: Minter },
  asked: { connectionId: string; expiresIn?: number | undefined },
): Promise<Result<ConnectToken, MintRefusal>> {
  const { connectionId, expiresIn = USUAL_CONNECT_TOKEN_SECONDS } = asked;
  if (!Number.isInteger(expiresIn) || expiresIn < LEAST_SECONDS || expiresIn > MAX_CONNECT_TOKEN_SECONDS) {
    return refused({ kind: 'bad_expiry' });
  }
  const allowed = await transact(database, (tx) => allow(tx, caller, connectionId, after(now, expiresIn), now));
  if (!allowed.ok) return allowed;
  const { claims, routeKey, owner, expiresAt } = allowed.value;
  const url = connectUrl(issuer, { ...owner, connectionId, routeKey });
  // Outside the transaction: a signature takes its time, and what it says was true at the commit.
  const token = await mintConnectToken(keyring, issuer, { ...claims, audience: url }, { issuedAt: now, expiresAt });
  return ok({ token, expiresAt, url });
}

type Allowed = {
  claims: ConnectClaims;
  routeKey: string;
  owner: { ownerUserId: string | null; ownerOrganizationId: string | null };
  expiresAt: Date;
};

async function allow(
  tx: Tx,
  { userId, minter }: { userId: string; minter: Minter },
  connectionId: string,
  wanted: Date,
  now: Date,
): Promise<Result<Allowed, MintRefusal>> {
  const held = await holdConnection(tx, { userId, connectionId });
  if (!held.ok) return refused({ kind: 'gone' });
  const { ownerOrganizationId, version, needsProvider } = held.value;
  const minterEnd = await endOfMinter(tx, minter, { userId, ownerOrganizationId });
  if (minterEnd === null) return refused({ kind: 'gone' });
  const [resource] = await tx.$queryRaw<{ id: string; route_key: string }[]>`
    SELECT id, route_key FROM connect_resource WHERE connection_id = ${connectionId}::uuid AND retired_at IS NULL FOR SHARE`;
  if (!resource) return refused({ kind: 'gone' });
  const instance = await holdInstance(tx, { userId, connectionId, needsProvider });
  if (instance.status !== 'active') return refused({ kind: 'provider_sign_in_required' });
  const expiresAt = minterEnd < wanted ? minterEnd : wanted;
  const connectResourceId = resource.id;
  await record(tx, now, {
    kind: 'connect_token.minted',
    actorUserId: userId,
    ownerUserId: userId,
    ownerOrganizationId,
    connectionId,
    connectResourceId,
    instanceId: instance.id,
    detail: { mintedBy: minter.kind, minterId: minter.id, expiresAt: expiresAt.toISOString() },
  });
  return ok({
    claims: {
      minter,
      userId,
      instanceId: instance.id,
      connectionId,
      connectResourceId,
      connectionVersion: version,
      executionContext: executionContextOf({ ownerOrganizationId }),
    },
    routeKey: resource.route_key,
    owner: { ownerUserId: ownerOrganizationId === null ? userId : null, ownerOrganizationId },
    expiresAt,
  });
}

/** Never: later than any token may live. */
const NEVER = new Date(8.64e15);

/** When the minter ends, locked until commit; null when it has ended, or is a key that may not reach this owner's connections. */
async function endOfMinter(
  tx: Tx,
  { kind, id }: Minter,
  { userId, ownerOrganizationId }: { userId: string; ownerOrganizationId: string | null },
): Promise<Date | null> {
  const [row] =
    kind === 'session'
      ? await tx.$queryRaw<{ expires_at: Date | null }[]>`
          SELECT expires_at FROM session
          WHERE id = ${id}::uuid AND user_id = ${userId}::uuid AND expires_at > clock_timestamp() FOR SHARE`
      : await tx.$queryRaw<{ expires_at: Date | null }[]>`
          SELECT expires_at FROM api_key WHERE id = ${id}::uuid AND user_id = ${userId}::uuid AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > clock_timestamp())
            AND (organization_id IS NULL OR organization_id = ${ownerOrganizationId}::uuid) FOR SHARE`;
  return row ? (row.expires_at ?? NEVER) : null;
}
