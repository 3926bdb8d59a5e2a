/** Changing what a client says of itself (RFC 7592 §2.2): what it gives up ends the grants that hung on it. */
import type { Database } from '../../platform/database.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { revokeGrants } from '../grants/revoke.ts';
import { allowedScopes } from './client.ts';
import type { Client } from './find.ts';
import type { ClientMetadata } from './metadata.ts';

export type ChangeRefusal = 'gone' | 'auth_method_fixed';
export type Changed = { client: Client; grantIds: string[] };

type Capabilities = Pick<ClientMetadata, 'redirectUris' | 'scopes' | 'grantTypes' | 'responseTypes'>;

/** What a change takes away. `everything`: no grant of the client was given under these terms. */
export type Shrinkage = { everything: boolean; redirectUris: string[]; scopes: string[] };

/** What is lost from `before` to `after` (DESIGN §5). What is only added loses nothing; redirect URIs are compared byte for byte. */
export function shrinkageOf(before: Capabilities, after: Capabilities): Shrinkage {
  const lost = (from: readonly string[], to: readonly string[]) => from.filter((one) => !to.includes(one));
  const refreshToggled = before.grantTypes.includes('refresh_token') !== after.grantTypes.includes('refresh_token');
  return {
    everything:
      refreshToggled ||
      lost(before.grantTypes, after.grantTypes).length > 0 ||
      lost(before.responseTypes, after.responseTypes).length > 0,
    redirectUris: lost(before.redirectUris, after.redirectUris),
    scopes: lost(allowedScopes(before.scopes), allowedScopes(after.scopes)),
  };
}

/**
 * Replaces the metadata of a client. How it authenticates stays: a public client that became confidential, or the reverse, would be
 * another client. The caller ends the streams of the grants after it. Does not check who may do this.
 * @throws Unavailable
 */
export async function changeClient(
  database: Database,
  id: string,
  { tokenEndpointAuthMethod: method, ...metadata }: ClientMetadata,
  now: Date,
): Promise<Result<Changed, ChangeRefusal>> {
  return transact(database, async (tx) => {
    const before = await lockClient(tx, id);
    if (!before) return refused('gone' as const);
    if (method !== undefined && method !== before.tokenEndpointAuthMethod) return refused('auth_method_fixed' as const);
    return ok(await applyMetadata(tx, before, metadata, now));
  });
}

/** Puts new metadata in the place of `before`, whose row the caller has locked, and ends what hung on what is gone. */
export async function applyMetadata(
  tx: Tx,
  before: Client,
  metadata: Omit<ClientMetadata, 'tokenEndpointAuthMethod'>,
  now: Date,
): Promise<Changed> {
  // The client's own row first, then its grants: the lock order, and whoever issues a grant now waits here.
  const client = await tx.oAuthClient.update({ where: { id: before.id }, data: { ...metadata, updatedAt: now } });
  const shrinkage = shrinkageOf(before, metadata);
  const grantIds = await revokeWhatShrank(tx, before.id, shrinkage, now);
  await record(tx, now, {
    kind: 'client.changed',
    oauthClientId: before.id,
    detail: { ...shrinkage, revoked: grantIds.length },
  });
  return { client, grantIds };
}

/** The row of a live client, locked until commit. */
export async function lockClient(tx: Tx, id: string): Promise<Client | null> {
  await tx.$queryRaw`SELECT id FROM oauth_client WHERE id = ${id}::uuid FOR UPDATE`;
  return tx.oAuthClient.findUnique({ where: { id, deletedAt: null } });
}

async function revokeWhatShrank(tx: Tx, oauthClientId: string, shrinkage: Shrinkage, now: Date): Promise<string[]> {
  const revoke = async (which: { redirectUris?: string[]; anyScope?: string[] }) =>
    (await revokeGrants(tx, { oauthClientId, ...which }, 'client_changed', { userId: null }, now)).grantIds;
  if (shrinkage.everything) return revoke({});
  if (shrinkage.redirectUris.length === 0 && shrinkage.scopes.length === 0) return [];
  const grantIds = [
    ...(shrinkage.redirectUris.length > 0 ? await revoke({ redirectUris: shrinkage.redirectUris }) : []),
    ...(shrinkage.scopes.length > 0 ? await revoke({ anyScope: shrinkage.scopes }) : []),
  ];
  await endOpenRequests(tx, oauthClientId, now);
  return grantIds;
}

/** Consents that wait: each was asked for under the former terms, and the client can simply ask again (SECURITY #23). */
async function endOpenRequests(tx: Tx, oauthClientId: string, now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE authorization_request SET status = 'revoked', decided_at = ${now}
    WHERE oauth_client_id = ${oauthClientId}::uuid AND status IN ('pending', 'awaiting_provider')`;
  await tx.$executeRaw`
    UPDATE pending_provider_authorization p SET status = 'revoked', sealed = ''
    FROM authorization_request r WHERE p.authorization_request_id = r.id AND r.oauth_client_id = ${oauthClientId}::uuid
      AND r.status = 'revoked' AND p.status = 'pending'`;
}
