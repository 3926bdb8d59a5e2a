/** Signing in at a provider from the connection's own page, with no client waiting; and signing out there. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { endProviderGrants } from '../connections/instance.ts';
import { usableBy } from '../connections/usable.ts';
import { holdConnection, holdInstance } from '../grants/hold.ts';
import { keepSignIn, prepareSignIn, type SignInBinding } from './authorize.ts';
import type { ProviderDeps } from './deps.ts';

export type SignInRefusal = { kind: 'not_found' } | { kind: 'unavailable'; message: string };

/** Begins a sign-in. @returns where the browser goes. @throws Unavailable */
export async function beginSignIn(
  deps: ProviderDeps,
  who: Pick<SignInBinding, 'userId' | 'sessionId' | 'browser'>,
  connectionId: string,
): Promise<Result<{ redirectTo: string }, SignInRefusal>> {
  const { database, clock } = deps;
  const { userId } = who;
  const usable = { AND: [{ id: connectionId }, usableBy({ userId })] };
  if ((await database.db.connection.count({ where: usable })) === 0) return refused({ kind: 'not_found' });
  const prepared = await prepareSignIn(deps, { userId, connectionId });
  if (!prepared.ok) return refused({ kind: 'unavailable', message: prepared.reason.message });
  return transact(database, async (tx) => {
    const held = await holdConnection(tx, { userId, connectionId });
    if (!held.ok) return refused({ kind: 'not_found' as const });
    if (held.value.version !== prepared.value.connectionVersion) return refused(CHANGED);
    const instance = await holdInstance(tx, { userId, connectionId, needsProvider: held.value.needsProvider });
    const binding = { ...who, instanceId: instance.id, authorizationRequestId: null, grantId: null };
    return ok({ redirectTo: await keepSignIn(tx, deps, prepared.value, binding, clock()) });
  });
}

const CHANGED = { kind: 'unavailable' as const, message: 'The connection was changed just now. Try again.' };

/**
 * Ends the user's own sign-in at the provider of a connection, whether or not they may still use it. Grants stay: they work again after
 * the next sign-in. Doing it again changes nothing. @throws Unavailable
 */
export async function disconnect(
  database: Database,
  { userId, connectionId }: { userId: string; connectionId: string },
  now: Date,
): Promise<Result<{ connectionId: string }, { kind: 'not_found' }>> {
  return transact(database, async (tx) => {
    const [instance] = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM connection_instance
      WHERE connection_id = ${connectionId}::uuid AND user_id = ${userId}::uuid AND status IN ('active', 'needs_reauth') FOR UPDATE`;
    const connection = await tx.connection.findFirst({
      where: instance ? { id: connectionId } : { AND: [{ id: connectionId }, usableBy({ userId })] },
    });
    if (!connection) return refused({ kind: 'not_found' as const });
    if (!instance) return ok({ connectionId });
    const live = await tx.providerGrant.count({ where: { instanceId: instance.id, revokedAt: null } });
    await endProviderGrants(tx, { instanceId: instance.id }, now);
    if (live > 0) {
      await record(tx, now, {
        kind: 'provider.disconnected',
        actorUserId: userId,
        ownerUserId: userId,
        ownerOrganizationId: connection.ownerOrganizationId,
        connectionId,
        instanceId: instance.id,
        detail: { name: connection.name },
      });
    }
    return ok({ connectionId });
  });
}
