/** Setting out for the provider again: a request that was approved, whose person came back without having signed in there. */
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { holdConnection } from '../grants/hold.ts';
import {
  keepSignIn,
  type PreparedSignIn,
  prepareSignIn,
  SIGN_IN_SECONDS,
  type SignInBinding,
} from '../providers/authorize.ts';
import type { Decider, DecisionRefusal, DecisionSettings } from './decide.ts';
import type { StoredRequest } from './request.ts';

// Longer than the sign-in at the provider, so that one that comes back at the last moment is still waited for.
export const WAIT_SECONDS = SIGN_IN_SECONDS + 120;

/** Binds a sign-in to the request that waits for it, and to the browser that the person decided in. */
export const bindingOf = (
  request: Pick<StoredRequest, 'id'>,
  { userId, browser }: Decider,
  { grantId, instanceId }: { grantId: string; instanceId: string },
): SignInBinding => ({
  userId,
  sessionId: browser.sessionId,
  browser: browser.binding,
  instanceId,
  authorizationRequestId: request.id,
  grantId,
});

/**
 * Finds the provider of a connection for a sign-in that could begin now. That asks the server, at whatever address the connection has, so
 * it counts with all other looks of this person: nobody has a network searched by approving again and again (SECURITY #196).
 */
export async function lookForProvider(
  { looks, providers }: Pick<DecisionSettings, 'looks' | 'providers'>,
  which: { userId: string; connectionId: string },
): Promise<Result<PreparedSignIn, DecisionRefusal>> {
  const room = await looks.take(which.userId);
  if (!room.allowed) return refused({ kind: 'too_often', retryAfter: room.retryAfter });
  const prepared = await prepareSignIn(providers, which);
  return prepared.ok ? prepared : refused({ kind: 'provider_unavailable', message: prepared.reason.message });
}

/**
 * A fresh sign-in for a request that waits for one: it takes the place of the one before, so there is still one grant and one code.
 * Only for whoever approved it. @throws Unavailable
 */
export async function resumeSignIn(
  database: Database,
  request: StoredRequest,
  decider: Decider,
  settings: Pick<DecisionSettings, 'clock' | 'looks' | 'providers'>,
): Promise<Result<{ redirectTo: string }, DecisionRefusal>> {
  const closed = refused({ kind: 'closed' as const, status: request.status });
  const { grantId, connectionId } = request;
  if (request.userId !== decider.userId || grantId === null || connectionId === null) return closed;
  const prepared = await lookForProvider(settings, { userId: decider.userId, connectionId });
  if (!prepared.ok) return prepared;
  return transact(database, async (tx) => {
    // All that the new sign-in refers to is held before the grant: its row locks them too, and whoever ends them holds them first.
    const held = await holdConnection(tx, { userId: decider.userId, connectionId });
    if (!held.ok) return refused({ kind: held.reason });
    await tx.$queryRaw`
      SELECT id FROM connection_instance WHERE id = (SELECT instance_id FROM oauth_grant WHERE id = ${grantId}::uuid) FOR UPDATE`;
    const [grant] = await tx.$queryRaw<{ status: string; instance_id: string; connection_version: number }[]>`
      SELECT status::text, instance_id, connection_version FROM oauth_grant WHERE id = ${grantId}::uuid FOR UPDATE`;
    if (grant?.status !== 'pending') return closed;
    if (grant.connection_version !== prepared.value.connectionVersion)
      return refused({ kind: 'provider_sign_in_required' as const });
    const now = settings.clock();
    const { count } = await tx.authorizationRequest.updateMany({
      where: { id: request.id, status: 'awaiting_provider' },
      data: { expiresAt: after(now, WAIT_SECONDS) },
    });
    if (count !== 1) return closed;
    const binding = bindingOf(request, decider, { grantId, instanceId: grant.instance_id });
    return ok({ redirectTo: await keepSignIn(tx, settings.providers, prepared.value, binding, now) });
  });
}
