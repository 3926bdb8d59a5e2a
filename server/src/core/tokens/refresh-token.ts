/** Refresh tokens: rotated at each use, idempotently, so that processes that share one and answers that get lost strand no one. */
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { SealBroken } from '../../platform/seal.ts';
import { hashSecret, looksLikeSecret, newSecret, REFRESH_TOKEN } from '../../platform/secret.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { Unavailable } from '../../platform/transient.ts';
import { record } from '../audit/record.ts';
import { revokeFamilies } from '../grants/revoke.ts';
import { lockGrant, readStanding, stands } from '../grants/standing.ts';
import { countDenial } from '../grants/usage.ts';
import { type GrantOfToken, readGrantOfToken } from './grant-of-token.ts';
import { newSuccessor, openSuccessor } from './successor.ts';

/** Begins a sign-in of a client under a grant whose lock the caller holds. @returns its first refresh token, where the client may have one. */
export async function startFamily(
  tx: Tx,
  family: { grant: GrantOfToken; label: string; userAgent: string | null; expiresAt: Date },
  now: Date,
): Promise<{ familyId: string; refreshToken: string | null }> {
  const { grant, label, userAgent } = family;
  const { id } = await tx.tokenFamily.create({
    data: { grantId: grant.grantId, label, userAgent, createdAt: now },
    select: { id: true },
  });
  await record(tx, now, {
    kind: 'family.started',
    ownerUserId: grant.userId,
    ownerOrganizationId: grant.ownerOrganizationId,
    connectionId: grant.connectionId,
    grantId: grant.grantId,
    oauthClientId: grant.oauthClientId,
    detail: { familyId: id, label },
  });
  if (!grant.refreshes) return { familyId: id, refreshToken: null };
  const refreshToken = newSecret(REFRESH_TOKEN);
  await tx.refreshToken.create({
    data: { familyId: id, generation: 1, tokenHash: hashSecret(refreshToken), expiresAt: family.expiresAt },
  });
  return { familyId: id, refreshToken };
}

export type Refresh = {
  refreshToken: string;
  /** The authenticated client's row. */
  oauthClientId: string;
  /** Says whether a `resource` was sent that is not the grant's. */
  isOtherResource: (grant: GrantOfToken) => boolean;
  /** The scopes asked for; undefined: the grant's. */
  scopes: string[] | undefined;
  /** Whether it is asked together with one that got its answer: then it is not counted as another presentation. */
  isSameBurst?: boolean;
  /** As `transact` takes it. */
  waitingSince?: number;
};

export type Refreshed = {
  grant: GrantOfToken;
  familyId: string;
  refreshToken: string;
  scopes: string[];
  /** Whether the token had been rotated before. */
  replayed: boolean;
};
/** `unknown_token`: none that this client ever had, so it may be a guess. `invalid_grant`: it had it, and it has ended. */
export type RefreshRefusal = 'unknown_token' | 'invalid_grant' | 'invalid_target' | 'invalid_scope';

/** Seconds, and how often one token may be presented again. */
export type RotationSettings = { refreshIdle: number; replayWindow: number; replays: number };

/**
 * Exchanges a refresh token for the next one of its family (OAuth 2.1 §4.3). A token that was rotated already gets the CURRENT token of
 * the family, never a fork, while every link from it to there is inside the replay window; past it, the family is revoked and told
 * about. Everything is validated before anything is consumed: a refusal for scope or resource leaves the token as it was.
 * @throws Unavailable
 */
export async function refresh(
  database: Database,
  request: Refresh,
  settings: RotationSettings,
): Promise<Result<Refreshed, RefreshRefusal>> {
  if (!looksLikeSecret(REFRESH_TOKEN, request.refreshToken)) return refused('unknown_token');
  return transact(
    database,
    async (tx) => {
      const tokenHash = hashSecret(request.refreshToken);
      const [found] = await tx.$queryRaw<{ grantId: string }[]>`
      SELECT f.grant_id AS "grantId" FROM refresh_token t JOIN token_family f ON f.id = t.family_id WHERE t.token_hash = ${tokenHash}`;
      if (!found) return refused('unknown_token' as const);
      const { grantId } = found;
      const now = await lockGrant(tx, grantId);
      if (!now) return refused('unknown_token' as const);
      const grant = await readGrantOfToken(tx, grantId);
      if (grant.oauthClientId !== request.oauthClientId || !grant.refreshes) return refused('unknown_token' as const);
      const token = await readToken(tx, tokenHash);
      if (!token || token.familyRevokedAt !== null || token.revokedAt !== null || token.expiresAt <= now) {
        await countDenial(tx, grantId);
        return refused('invalid_grant' as const);
      }
      if (!stands(await readStanding(tx, grantId))) {
        await countDenial(tx, grantId);
        return refused('invalid_grant' as const);
      }
      if (request.isOtherResource(grant)) return refused('invalid_target' as const);
      const scopes = request.scopes ?? grant.scopes;
      if (!scopes.every((scope) => grant.scopes.includes(scope))) return refused('invalid_scope' as const);

      const next =
        token.rotatedAt === null
          ? await rotate(tx, token, request.refreshToken, settings, now)
          : await replay(tx, token, request, settings, now, grant);
      return next === null
        ? refused('invalid_grant' as const)
        : ok({ grant, familyId: token.familyId, refreshToken: next, scopes, replayed: token.rotatedAt !== null });
    },
    request.waitingSince,
  );
}

type TokenRow = {
  id: string;
  tokenHash: string;
  familyId: string;
  generation: number;
  sealedSuccessor: string | null;
  rotatedAt: Date | null;
  revokedAt: Date | null;
  replays: number;
  expiresAt: Date;
  familyRevokedAt: Date | null;
};

async function readToken(tx: Tx, tokenHash: string): Promise<TokenRow | null> {
  const [row] = await tx.$queryRaw<TokenRow[]>`
    SELECT t.id, t.token_hash AS "tokenHash", t.family_id AS "familyId", t.generation, t.sealed_successor AS "sealedSuccessor",
      t.rotated_at AS "rotatedAt", t.revoked_at AS "revokedAt", t.replays, t.expires_at AS "expiresAt", f.revoked_at AS "familyRevokedAt"
    FROM refresh_token t JOIN token_family f ON f.id = t.family_id WHERE t.token_hash = ${tokenHash}`;
  return row ?? null;
}

async function rotate(
  tx: Tx,
  token: TokenRow,
  presented: string,
  settings: RotationSettings,
  now: Date,
): Promise<string> {
  const successor = newSuccessor(presented);
  const { count } = await tx.refreshToken.updateMany({
    where: { id: token.id, rotatedAt: null, revokedAt: null },
    data: { rotatedAt: now, sealedSuccessor: successor.sealed },
  });
  if (count !== 1) throw new Error('a refresh token changed while its grant was locked');
  await tx.$executeRaw`INSERT INTO rotated_token (refresh_token_id, rotated_at) VALUES (${token.id}::uuid, ${now})`;
  await tx.refreshToken.create({
    data: {
      familyId: token.familyId,
      generation: token.generation + 1,
      tokenHash: hashSecret(successor.token),
      expiresAt: after(now, settings.refreshIdle),
    },
  });
  return successor.token;
}

/** The current token of the family, for a token that was rotated before; null when that is refused. */
async function replay(
  tx: Tx,
  token: TokenRow,
  { refreshToken: presented, isSameBurst }: Refresh,
  settings: RotationSettings,
  now: Date,
  grant: GrantOfToken,
): Promise<string | null> {
  const head = await walkToHead(tx, token, presented, settings, now);
  if (head === null) {
    await recordReuse(tx, token, now, grant);
    return null;
  }
  if (isSameBurst && settings.replays > 0) return head;
  // A bound on how often a leaked token is of use; the family lives, because its owner may be who is asking.
  const { count } = await tx.refreshToken.updateMany({
    where: { id: token.id, replays: { lt: settings.replays } },
    data: { replays: { increment: 1 } },
  });
  return count === 1 ? head : null;
}

async function walkToHead(
  tx: Tx,
  from: TokenRow,
  presented: string,
  settings: RotationSettings,
  now: Date,
): Promise<string | null> {
  let row = from;
  let plain = presented;
  while (row.rotatedAt !== null) {
    if (now.getTime() - row.rotatedAt.getTime() > settings.replayWindow * 1000 || row.sealedSuccessor === null)
      return null;
    plain = await openSuccessor(plain, row.sealedSuccessor);
    const next = await readToken(tx, hashSecret(plain));
    // What was kept was changed, or a later version wrote it, beside which this one runs a while. Nobody reused anything, so nothing ends.
    if (!next) throw new Unavailable(new SealBroken());
    if (next.revokedAt !== null || next.familyId !== from.familyId) return null;
    row = next;
  }
  return row.expiresAt > now ? plain : null;
}

async function recordReuse(tx: Tx, token: TokenRow, now: Date, grant: GrantOfToken): Promise<void> {
  const head = await tx.refreshToken.aggregate({ where: { familyId: token.familyId }, _max: { generation: true } });
  const distance = (head._max.generation ?? token.generation) - token.generation;
  await record(tx, now, {
    kind: 'refresh.reused',
    outcome: 'denied',
    ownerUserId: grant.userId,
    ownerOrganizationId: grant.ownerOrganizationId,
    connectionId: grant.connectionId,
    grantId: grant.grantId,
    oauthClientId: grant.oauthClientId,
    detail: { familyId: token.familyId, generation: token.generation, distance },
  });
  await revokeFamilies(
    tx,
    { grantId: grant.grantId, familyIds: [token.familyId] },
    'refresh_reused',
    { userId: null },
    now,
    { distance },
  );
}
