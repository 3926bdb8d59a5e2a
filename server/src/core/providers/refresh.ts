/** Refreshing a provider grant: once, however many requests of however many processes wait for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SealBroken } from '../../platform/seal.ts';
import { transact } from '../../platform/transact.ts';
import { Unavailable } from '../../platform/transient.ts';
import { record } from '../audit/record.ts';
import { type Bundle, sealBundle, unsealBundle } from './bundle.ts';
import type { ProviderDeps } from './deps.ts';
import { refreshTokens } from './exchange.ts';
import { type Leased, restAfterFailure, standingOf, takeLease } from './lease.ts';
import { providerOfClient } from './provider.ts';
import { discardTokens } from './store.ts';
import type { ProviderTokens } from './token-answer.ts';

/** How long a request waits for another process's refresh, and how often it looks. */
const WAIT_MS = 10_000;
const LOOK_MS = 100;

/** `refreshed`: there is a newer version now. `needs_sign_in`: the provider no longer accepts it, and the person has to sign in again. */
export type RefreshOutcome = 'refreshed' | 'needs_sign_in';

/**
 * Brings a provider grant beyond `version`, by asking the provider or by waiting for whoever does. No lock is held meanwhile.
 * @throws Unavailable when the provider does not answer or is given a rest, or the wait was too long: nothing is marked then.
 */
export async function refreshGrant(deps: ProviderDeps, id: string, version: number): Promise<RefreshOutcome> {
  const { database } = deps;
  for (const deadline = performance.now() + WAIT_MS; ; ) {
    const leased = await takeLease(database, id, version);
    if (leased) return ask(deps, leased);
    const standing = await standingOf(database, id, version);
    switch (standing.kind) {
      case 'newer':
        return 'refreshed';
      case 'needs_sign_in':
        return 'needs_sign_in';
      case 'gone':
        throw new Unavailable(new Error('a sign-in ended while a request was on its way'), 1);
      case 'resting':
        throw new Unavailable(new Error('the provider is given a rest'), standing.seconds);
    }
    if (performance.now() > deadline) throw new Unavailable(new Error('another process refreshes, and takes long'));
    await sleep(LOOK_MS * (0.5 + Math.random()));
  }
}

async function ask(deps: ProviderDeps, leased: Leased): Promise<RefreshOutcome> {
  const bundle = await open(deps, leased);
  if (bundle === null || bundle.refreshToken === null) return markNeedsSignIn(deps, leased, 'no_refresh_token');
  const provider = await providerOfClient(deps, leased.providerClientId);
  if (!provider.ok) return rest(deps, leased, null, provider.reason.kind);
  const answer = await refreshTokens(deps, provider.value, bundle.refreshToken, bundle.resource);
  if (answer.ok) return keep(deps, leased, bundle, answer.value);
  switch (answer.reason.kind) {
    case 'refused':
      if (isFinal(answer.reason.error, leased.failures)) return markNeedsSignIn(deps, leased, answer.reason.error);
      return rest(deps, leased, null, answer.reason.error);
    case 'transient':
      return rest(deps, leased, answer.reason.retryAfter, 'unreachable');
    case 'unusable':
      return rest(deps, leased, null, 'unusable_answer');
  }
}

/** So many failures in a row, with the rests between them about half a minute, are no hiccup of the provider's. */
const LOST_AFTER = 5;

/**
 * Whether only another sign-in helps. `invalid_grant` is the one refusal that is about this token; all others are about us, or pass
 * (SECURITY #229, field note A12). A client that the provider goes on not to know does not pass: what it obtained is for nobody else, so
 * the person signs in again, as the client that is registered anew then, or that the owner of the connection enters.
 */
const isFinal = (error: string, failuresBefore: number): boolean =>
  error === 'invalid_grant' || (error === 'invalid_client' && failuresBefore >= LOST_AFTER);

/** Null for one that was sealed under a key that is gone: only another sign-in helps. */
async function open({ keyring, log }: ProviderDeps, { id, sealed }: Leased): Promise<Bundle | null> {
  try {
    return await unsealBundle(keyring, id, sealed);
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    log.error({ err: error, providerGrantId: id }, 'a sign-in at a provider cannot be opened');
    return null;
  }
}

async function rest(deps: ProviderDeps, leased: Leased, wanted: number | null, reason: string): Promise<never> {
  const seconds = await restAfterFailure(deps.database, leased, wanted);
  deps.log.warn({ providerGrantId: leased.id, reason, seconds }, 'a sign-in at a provider could not be refreshed');
  throw new Unavailable(new Error('the provider did not refresh a sign-in'), seconds);
}

/**
 * Keeps what was given: over the version that it was made from, and else, where it was issued later than what is there now, over that
 * (a process that stood still may come with the only answer that counts, SECURITY #327). An instance that was marked meanwhile, because
 * another process used the old refresh token in vain, is active again.
 */
async function keep(
  { database, keyring, clock }: ProviderDeps,
  { id, version, instanceId, providerClientId }: Leased,
  former: Bundle,
  tokens: ProviderTokens,
): Promise<RefreshOutcome> {
  const bundle = {
    accessToken: tokens.accessToken,
    // One that does not come along goes on (RFC 6749 §6, SECURITY #228).
    refreshToken: tokens.refreshToken ?? former.refreshToken,
    resource: former.resource,
  };
  const sealed = await sealBundle(keyring, id, bundle);
  const { scopes, expiresAt, issuedAt } = tokens;
  const kept = await transact(database, async (tx) => {
    await tx.$queryRaw`SELECT id FROM connection_instance WHERE id = ${instanceId}::uuid FOR UPDATE`;
    const stored = await tx.$queryRaw<{ version: number }[]>`
      UPDATE provider_grant SET sealed = ${sealed}, scopes = COALESCE(${scopes}::text[], scopes), expires_at = ${expiresAt},
        issued_at = ${issuedAt}, version = version + 1, failures = 0, lease_owner = NULL, lease_until = NULL,
        updated_at = clock_timestamp()
      WHERE id = ${id}::uuid AND revoked_at IS NULL AND (version = ${version} OR issued_at < ${issuedAt}) RETURNING version`;
    if (stored.length === 1) {
      await tx.connectionInstance.updateMany({
        where: { id: instanceId, status: 'needs_reauth' },
        data: { status: 'active' },
      });
      return true;
    }
    const grant = await tx.providerGrant.findUnique({ where: { id }, select: { revokedAt: true } });
    if (!grant || grant.revokedAt === null) return grant !== null;
    const now = clock();
    const discarded = { instanceId, providerClientId, tokens, resource: former.resource, startedAt: now };
    await discardTokens(tx, keyring, discarded, now);
    return false;
  });
  if (kept) return 'refreshed';
  throw new Unavailable(new Error('a sign-in ended while it was refreshed'), 1);
}

/** Marks the instance, if this version is still the one that its requests use. Its grants stay, and wait (DESIGN §5). */
async function markNeedsSignIn(
  { database, clock }: ProviderDeps,
  { id, version, instanceId }: Leased,
  reason: string,
): Promise<RefreshOutcome> {
  return transact(database, async (tx) => {
    const now = clock();
    const [instance] = await tx.$queryRaw<{ user_id: string; connection_id: string; status: string }[]>`
      SELECT user_id, connection_id, status::text FROM connection_instance WHERE id = ${instanceId}::uuid FOR UPDATE`;
    const { count } = await tx.providerGrant.updateMany({
      where: { id, version, revokedAt: null },
      data: { failures: 0, leaseOwner: null, leaseUntil: null },
    });
    // Whoever came first with a better answer is believed.
    if (count === 0) return 'refreshed' as const;
    if (instance?.status !== 'active') return 'needs_sign_in' as const;
    await tx.connectionInstance.update({ where: { id: instanceId }, data: { status: 'needs_reauth' } });
    const connection = await tx.connection.findUniqueOrThrow({ where: { id: instance.connection_id } });
    await record(tx, now, {
      kind: 'provider.needs_reauth',
      outcome: 'failure',
      ownerUserId: instance.user_id,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId: connection.id,
      instanceId,
      detail: { name: connection.name, reason },
    });
    return 'needs_sign_in' as const;
  });
}
