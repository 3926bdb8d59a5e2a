/** Authorization codes: minted at approval, redeemed once (OAuth 2.1 §4.1, RFC 7636). */
import { createHash } from 'node:crypto';
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { AUTHORIZATION_CODE, hashSecret, looksLikeSecret, newSecret, sameSecret } from '../../platform/secret.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { revokeFamilies } from '../grants/revoke.ts';
import { lockGrant, readStanding, stands } from '../grants/standing.ts';
import { type GrantOfToken, readGrantOfToken } from './grant-of-token.ts';
import { startFamily } from './refresh-token.ts';

/** Mints a code under an active grant, in the transaction that activated it. @returns the code, which nothing else ever shows. */
export async function mintCode(
  tx: Tx,
  code: {
    grantId: string;
    authorizationRequestId: string;
    redirectUri: string;
    codeChallenge: string;
    scopes: string[];
    expiresAt: Date;
  },
): Promise<string> {
  const secret = newSecret(AUTHORIZATION_CODE);
  await tx.authorizationCode.create({ data: { ...code, codeHash: hashSecret(secret) } });
  return secret;
}

export type Redemption = {
  code: string;
  /** The authenticated client's row. */
  oauthClientId: string;
  /** As sent; undefined when absent. */
  redirectUri: string | undefined;
  codeVerifier: string | undefined;
  /** Says whether a `resource` was sent that is not the grant's. */
  isOtherResource: (grant: GrantOfToken) => boolean;
  /** What this sign-in is called on the page: from the User-Agent. */
  label: string;
  userAgent: string | null;
  /** `performance.now()` when the whole request had come; absent: when this is called. */
  arrivedAt?: number;
};

export type Redeemed = { grant: GrantOfToken; familyId: string; refreshToken: string | null; scopes: string[] };
export type CodeRefusal = 'invalid_grant' | 'invalid_target';

const MAX_FAILURES = 5;
// Two requests of one client that raced for the code: the loser is no thief. What counts is when it came, not when the row's lock or
// a connection was free for it: on a busy machine that alone takes longer.
const RACE_MS = 1_000;

/**
 * Redeems a code: at most once, by one conditional update. A redemption that fails verification does not consume it, but the fifth
 * kills it. Presenting a used code with everything else right revokes the family it gave (OAuth 2.1 §4.1.3); with anything wrong it
 * does not, or a thief of codes could sign people out.
 * @throws Unavailable
 */
export async function redeemCode(
  database: Database,
  redemption: Redemption,
  settings: { refreshIdle: number },
): Promise<Result<Redeemed, CodeRefusal>> {
  if (!looksLikeSecret(AUTHORIZATION_CODE, redemption.code)) return refused('invalid_grant');
  const arrivedAt = redemption.arrivedAt ?? performance.now();
  return transact(database, async (tx) => {
    const codeHash = hashSecret(redemption.code);
    const found = await tx.authorizationCode.findUnique({ where: { codeHash }, select: { grantId: true } });
    const now = found && (await lockGrant(tx, found.grantId));
    if (!now) return refused('invalid_grant' as const);
    // Read after the lock, in a statement of its own: before it, the row could be older than the wait.
    const code = await tx.authorizationCode.findUniqueOrThrow({ where: { codeHash } });
    const grant = await readGrantOfToken(tx, code.grantId);
    const verified =
      grant.oauthClientId === redemption.oauthClientId &&
      code.redirectUri === redemption.redirectUri &&
      matchesChallenge(redemption.codeVerifier, code.codeChallenge);

    if (code.consumedAt !== null) {
      const waited = performance.now() - arrivedAt;
      if (verified && code.familyId !== null && now.getTime() - waited - code.consumedAt.getTime() > RACE_MS) {
        await revokeFamilies(
          tx,
          { grantId: code.grantId, familyIds: [code.familyId] },
          'code_replayed',
          { userId: null },
          now,
        );
      }
      return refused('invalid_grant' as const);
    }
    if (code.revokedAt !== null || code.expiresAt <= now) return refused('invalid_grant' as const);
    if (!verified) {
      await countFailure(tx, now, code, grant);
      return refused('invalid_grant' as const);
    }
    if (redemption.isOtherResource(grant)) return refused('invalid_target' as const);
    if (!stands(await readStanding(tx, code.grantId))) return refused('invalid_grant' as const);

    const { familyId, refreshToken } = await startFamily(
      tx,
      { grant, label: redemption.label, userAgent: redemption.userAgent, expiresAt: after(now, settings.refreshIdle) },
      now,
    );
    const { count } = await tx.authorizationCode.updateMany({
      where: { id: code.id, consumedAt: null, revokedAt: null },
      data: { consumedAt: now, familyId },
    });
    if (count !== 1) throw new Error('a code was consumed while its grant was locked');
    return ok({ grant, familyId, refreshToken, scopes: code.scopes });
  });
}

async function countFailure(
  tx: Tx,
  now: Date,
  code: { id: string; grantId: string; failedAttempts: number },
  grant: GrantOfToken,
) {
  const failedAttempts = code.failedAttempts + 1;
  await tx.authorizationCode.update({
    where: { id: code.id },
    data: { failedAttempts, ...(failedAttempts >= MAX_FAILURES ? { revokedAt: now } : {}) },
  });
  await record(tx, now, {
    kind: 'authorization.code_refused',
    outcome: 'denied',
    ownerUserId: grant.userId,
    ownerOrganizationId: grant.ownerOrganizationId,
    connectionId: grant.connectionId,
    grantId: code.grantId,
    oauthClientId: grant.oauthClientId,
    detail: { attempt: failedAttempts },
  });
}

/** RFC 7636 §4.6, S256 only. */
function matchesChallenge(verifier: string | undefined, challenge: string): boolean {
  if (verifier === undefined || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  return sameSecret(createHash('sha256').update(verifier).digest('base64url'), challenge);
}
