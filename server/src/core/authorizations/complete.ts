/** How a sign-in at a provider ends: with the tokens kept, the grant begun and the code minted at once, or with nothing. */
import { after, type Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { abandonGrants } from '../grants/abandon.ts';
import { activateGrant } from '../grants/activate.ts';
import { holdBinding, holdConnection } from '../grants/hold.ts';
import { recordApproval } from '../grants/issue.ts';
import { lockGrant } from '../grants/standing.ts';
import type { ProviderAccount } from '../providers/account.ts';
import type { SignInSecret } from '../providers/authorize.ts';
import type { PendingSignIn } from '../providers/pending.ts';
import { discardTokens, storeProviderGrant } from '../providers/store.ts';
import type { ProviderTokens } from '../providers/token-answer.ts';
import { mintCode } from '../tokens/authorization-code.ts';
import { type AuthorizationError, answerUrl } from './redirect.ts';

export type CompletionSettings = { issuer: string; codeLifetime: number; keyring: Keyring; clock: Clock };

export type Completion = {
  signIn: PendingSignIn;
  secret: SignInSecret;
  tokens: ProviderTokens;
  account: ProviderAccount;
};

/** Where the browser goes: to the client with its answer, or null for the connection's page, where a person began it there. */
export type Finished = { redirectTo: string | null };

/** Ends the transaction: what it was for is gone, so nothing of it may stay. */
class Gone extends Error {}

/**
 * Keeps the tokens, promotes the grant that waited for them, and mints the code, in one transaction behind the locks of all that they
 * hang on. Where a revocation or a change came in between, nothing is kept and the tokens are left to be revoked at the provider
 * (SECURITY #310, #311). @returns `gone` then. @throws Unavailable
 */
export async function completeSignIn(
  database: Database,
  completion: Completion,
  settings: CompletionSettings,
): Promise<Result<Finished, 'gone'>> {
  try {
    return ok(await transact(database, (tx) => completeIn(tx, completion, settings)));
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
  }
  await discard(database, completion, settings);
  return refused('gone');
}

/** Leaves the tokens of a sign-in that came to nothing in the outbox. @throws Unavailable */
async function discard(database: Database, { signIn, secret, tokens }: Completion, settings: CompletionSettings) {
  const grant = { ...provenance(signIn, secret), tokens };
  await transact(database, async (tx) => {
    const now = settings.clock();
    // An erased person's rows may be gone altogether: then nothing is left that could hold them.
    if ((await tx.connectionInstance.count({ where: { id: signIn.instanceId } })) === 0) return;
    await discardTokens(tx, settings.keyring, grant, now);
    await recordFailure(tx, signIn, 'ended_meanwhile', now);
  });
}

const provenance = (signIn: PendingSignIn, secret: SignInSecret) => ({
  instanceId: signIn.instanceId,
  providerClientId: secret.providerClientId,
  resource: secret.resource,
  startedAt: signIn.createdAt,
});

async function completeIn(
  tx: Tx,
  { signIn, secret, tokens, account }: Completion,
  settings: CompletionSettings,
): Promise<Finished> {
  const now = settings.clock();
  const { userId, grantId, instanceId } = signIn;
  const grant = grantId === null ? null : await tx.oAuthGrant.findUnique({ where: { id: grantId } });
  if (grantId !== null && !grant) throw new Gone();
  const held = await (grant ? holdBinding(tx, grant) : holdConnection(tx, signIn));
  if (!held.ok || held.value.version !== signIn.connectionVersion) throw new Gone();
  const [instance] = await tx.$queryRaw<unknown[]>`
    SELECT id FROM connection_instance
    WHERE id = ${instanceId}::uuid AND user_id = ${userId}::uuid AND status IN ('active', 'needs_reauth') FOR UPDATE`;
  if (!instance) throw new Gone();
  const [own] = await tx.$queryRaw<{ status: string }[]>`
    SELECT status::text FROM pending_provider_authorization WHERE id = ${signIn.id}::uuid`;
  if (own?.status !== 'consumed') throw new Gone();
  const activeId = grant ? await activateGrant(tx, { grantId: grant.id, actor: { userId } }, now) : null;
  if (grant && activeId === null) throw new Gone();

  const kept = { ...provenance(signIn, secret), tokens, account, scopes: secret.scopes };
  await storeProviderGrant(tx, settings.keyring, kept, now);
  if (activeId === null) return { redirectTo: null };
  return { redirectTo: await answer(tx, signIn, activeId, held.value.ownerOrganizationId, settings) };
}

/** Closes the client's request behind the grant's lock. @returns the address of its answer. @throws Gone when the request is not waiting any more */
async function answer(
  tx: Tx,
  { authorizationRequestId, userId }: PendingSignIn,
  grantId: string,
  ownerOrganizationId: string | null,
  settings: CompletionSettings,
): Promise<string> {
  const now = settings.clock();
  const closed = await tx.$executeRaw`
    UPDATE authorization_request SET status = 'approved', decided_at = clock_timestamp(), grant_id = ${grantId}::uuid
    WHERE id = ${authorizationRequestId}::uuid AND status = 'awaiting_provider'`;
  if (closed !== 1) throw new Gone();
  const request = await tx.authorizationRequest.findUniqueOrThrow({ where: { id: authorizationRequestId as string } });
  const grant = await tx.oAuthGrant.findUniqueOrThrow({ where: { id: grantId } });
  const code = await mintCode(tx, {
    grantId,
    authorizationRequestId: request.id,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    scopes: request.scopes,
    expiresAt: after(now, settings.codeLifetime),
  });
  const { connectionId, oauthClientId, expiresAt } = grant;
  const event = { grantId, userId, connectionId, oauthClientId, ownerOrganizationId };
  await recordApproval(tx, now, { ...event, scopes: request.scopes, expiresAt });
  return answerUrl(settings.issuer, request.redirectUri, request.state, { code });
}

/**
 * Ends a sign-in that the provider did not let through: the grant that waited is dropped, and the client hears why where it waits.
 * While another tab of the same request is still at the provider, that one may go on, and no one is answered yet.
 * @param error what the client is told. @returns where the browser goes; null: nobody waits. @throws Unavailable
 */
export async function failSignIn(
  database: Database,
  signIn: PendingSignIn,
  failure: { error: AuthorizationError; description: string; reason: string },
  settings: Pick<CompletionSettings, 'issuer' | 'clock'>,
): Promise<Finished> {
  return transact(database, async (tx) => {
    const now = settings.clock();
    // The grant before what hangs on it, as everywhere: whoever ends or activates it at this moment changes the sign-in behind its lock.
    if (signIn.grantId !== null) await lockGrant(tx, signIn.grantId);
    await tx.pendingProviderAuthorization.updateMany({
      where: { id: signIn.id, status: { in: ['pending', 'consumed'] } },
      data: { status: 'failed', sealed: '' },
    });
    await recordFailure(tx, signIn, failure.reason, now);
    const { authorizationRequestId, grantId } = signIn;
    if (authorizationRequestId === null || grantId === null) return { redirectTo: null };
    const others = await tx.pendingProviderAuthorization.count({
      where: { authorizationRequestId, status: 'pending' },
    });
    if (others > 0) return { redirectTo: null };
    // The grant before its request, as everywhere. One that began or ended meanwhile has nothing to fail any more.
    if ((await abandonGrants(tx, [grantId])) === 0) return { redirectTo: null };
    const closed = await tx.authorizationRequest.updateMany({
      where: { id: authorizationRequestId, status: 'awaiting_provider' },
      data: { status: 'denied', decidedAt: now },
    });
    if (closed.count !== 1) return { redirectTo: null };
    const request = await tx.authorizationRequest.findUniqueOrThrow({ where: { id: authorizationRequestId } });
    const { error, description } = failure;
    return { redirectTo: answerUrl(settings.issuer, request.redirectUri, request.state, { error, description }) };
  });
}

/** `reason` is a word of ours, or an OAuth error code of the provider. */
async function recordFailure(tx: Tx, signIn: PendingSignIn, reason: string, now: Date): Promise<void> {
  const connection = await tx.connection.findUnique({ where: { id: signIn.connectionId } });
  await record(tx, now, {
    kind: 'provider.sign_in_failed',
    outcome: reason === 'access_denied' ? 'denied' : 'failure',
    actorUserId: signIn.userId,
    ownerUserId: signIn.userId,
    ownerOrganizationId: connection?.ownerOrganizationId ?? null,
    connectionId: signIn.connectionId,
    instanceId: signIn.instanceId,
    // No name: its person may be erased by now.
    detail: { reason },
  });
}
