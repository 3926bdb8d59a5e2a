/** Entering the client that a person registered at the provider. It is sealed, and never shown again. */
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { endProviderGrants } from './instance.ts';
import { lockManaged } from './manageable.ts';
import { checkStaticClient, type NewStaticClient, storeStaticClient } from './provider-client.ts';
import { type ConnectionRefusal, invalid } from './refusal.ts';

/**
 * Replaces the client of a connection, bound to `issuer`. The credentials are another's from now on, so grants and sign-ins at the
 * provider end. Does not check that the issuer takes the client: only a sign-in can tell. @throws Unavailable
 */
export async function setProviderClient(
  database: Database,
  keyring: Keyring,
  actor: Caller,
  input: { connectionId: string; issuer: string; client: NewStaticClient },
  now: Date,
): Promise<Result<Revocation, ConnectionRefusal>> {
  return transact(database, async (tx) => {
    const connection = await lockManaged(tx, actor, input.connectionId);
    if (!connection) return refused({ kind: 'not_found' });
    const client = checkStaticClient(connection.authMode, input.client);
    if (!client.ok) return client;
    if (!client.value) return invalid('providerClientId', 'Give the client ID that the provider handed out.');
    const { id: connectionId, name } = connection;
    await tx.connection.update({
      where: { id: connectionId },
      data: { providerIssuer: input.issuer, version: { increment: 1 } },
    });
    await storeStaticClient(tx, keyring, { connectionId, issuer: input.issuer, ...client.value }, now);
    await record(tx, now, {
      kind: 'connection.credentials_set',
      actorUserId: actor.userId,
      ownerUserId: connection.ownerUserId,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId,
      detail: { name, issuer: input.issuer },
    });
    const revocation = await revokeGrants(tx, { connectionId }, 'connection_changed', actor, now);
    await endProviderGrants(tx, { connectionId }, now);
    return ok(revocation);
  });
}
