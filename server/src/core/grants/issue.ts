/** How a grant begins: a person approved it. */

import { ok, type Result } from '../../platform/result.ts';
import type { Tx } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { activateGrant } from './activate.ts';
import { executionContextOf } from './grant.ts';
import { type HoldRefusal, holdBinding, holdInstance } from './hold.ts';

export type Binding = {
  oauthClientId: string;
  userId: string;
  connectionId: string;
  connectResourceId: string;
  /** The registered string, byte for byte. */
  redirectUri: string;
  scopes: string[];
  expiresAt: Date | null;
};

/** Why no grant can begin: what it would depend on is gone, or is not the user's to give. */
export type IssueRefusal = HoldRefusal;

export type Issued = { grantId: string; instanceId: string; connectionVersion: number; status: 'active' | 'pending' };

/**
 * Issues a grant. Where the connection asks for a provider sign-in that the user has not made, it begins `pending` and
 * `activateGrant` promotes it later; else it is active at once, superseding or reusing the one that is.
 *
 * Everything that it depends on is locked FOR SHARE first (user → organization → connection → client), so that whoever
 * takes one of them away either is seen here or sees this grant. Does not check that the redirect URI is the client's.
 */
export async function issueGrant(tx: Tx, binding: Binding, now: Date): Promise<Result<Issued, IssueRefusal>> {
  const { userId, connectionId, connectResourceId, oauthClientId } = binding;
  const held = await holdBinding(tx, binding);
  if (!held.ok) return held;
  const connection = held.value;
  const instance = await holdInstance(tx, { userId, connectionId, needsProvider: connection.needsProvider });
  const grant = await tx.oAuthGrant.create({
    data: {
      oauthClientId,
      userId,
      connectionId,
      connectResourceId,
      instanceId: instance.id,
      redirectUri: binding.redirectUri,
      scopes: binding.scopes,
      executionContext: executionContextOf(connection),
      connectionVersion: connection.version,
      status: 'pending',
      approvedAt: now,
      expiresAt: binding.expiresAt,
    },
    select: { id: true },
  });
  const issued = { instanceId: instance.id, connectionVersion: connection.version };
  if (instance.status !== 'active') return ok({ ...issued, grantId: grant.id, status: 'pending' as const });
  const active = await activateGrant(tx, { grantId: grant.id, actor: { userId } }, now);
  return ok({ ...issued, grantId: active ?? grant.id, status: 'active' as const });
}

/** Records that a grant was approved. Separate from issuing, so that the event names the grant that serves in the end. */
export const recordApproval = (
  tx: Tx,
  now: Date,
  event: {
    grantId: string;
    userId: string;
    connectionId: string;
    oauthClientId: string;
    ownerOrganizationId: string | null;
    scopes: string[];
    expiresAt: Date | null;
  },
): Promise<void> =>
  record(tx, now, {
    kind: 'authorization.approved',
    actorUserId: event.userId,
    ownerUserId: event.userId,
    ownerOrganizationId: event.ownerOrganizationId,
    connectionId: event.connectionId,
    grantId: event.grantId,
    oauthClientId: event.oauthClientId,
    detail: { scopes: event.scopes, expiresAt: event.expiresAt?.toISOString() ?? null },
  });
