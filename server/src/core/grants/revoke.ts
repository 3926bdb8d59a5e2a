/** THE revocation primitive: the only code that ends a grant or a family. */
import { Prisma } from '@grantway/prisma/client';
import { v7 as uuidv7 } from 'uuid';
import { type Tx, takeTime } from '../../platform/transact.ts';
import type { RevocationReason } from '../audit/events.ts';
import { type Actor, NOTHING_REVOKED, type RevocationReceipt } from './grant.ts';
import { announce } from './revoked.ts';

/**
 * Which grants: all that match every member given. At least one must be; an empty list matches nothing.
 * `organizationId` means the grants of its connections.
 */
export type Which = {
  grantIds?: readonly string[];
  userIds?: readonly string[];
  oauthClientId?: string;
  oauthClientIds?: readonly string[];
  connectionId?: string;
  connectResourceId?: string;
  instanceId?: string;
  organizationId?: string;
  /** Registered redirect URIs, byte for byte. */
  redirectUris?: readonly string[];
  /** Grants that hold any of these scopes. */
  anyScope?: readonly string[];
  expiredBy?: Date;
  /** Grants that were approved, for the first time or the last, before. */
  approvedBefore?: Date;
  /** Grants neither used nor approved since. */
  idleSince?: Date;
  /** All that match but this one. */
  except?: string;
  /** At most so many: for housekeeping, which comes again. */
  limit?: number;
};

// Ending so many takes longer than a transaction may that someone waits behind.
const MANY = 2_000;

export type Revocation = { grantIds: string[]; receipt: RevocationReceipt };

/**
 * Ends the grants that match, with everything that hangs on them, in the caller's transaction. Idempotent: what is revoked stays
 * as it was, and the receipt counts only what this call ended. The number of statements does not depend on the number of grants.
 *
 * The rows are locked first, in id order; what hangs on them is looked for only then, so that what an exchange inserted just
 * before ends too. Does not check who may do this: the caller does, and has updated the row that is the cause (user,
 * connection, client …) before.
 */
export async function revokeGrants(
  tx: Tx,
  which: Which,
  reason: RevocationReason,
  actor: Actor,
  now: Date,
): Promise<Revocation> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT g.id FROM oauth_grant g WHERE ${matching(which)} AND g.status <> 'revoked'
    ORDER BY g.id ${which.limit === undefined ? Prisma.empty : Prisma.sql`LIMIT ${which.limit}`} FOR UPDATE OF g`;
  if (locked.length > MANY) takeTime(tx);
  const ended =
    locked.length === 0
      ? []
      : await tx.$queryRaw<{ id: string }[]>`
    UPDATE oauth_grant SET status = 'revoked', revoked_at = ${now}, revocation_reason = ${reason}, revoked_by = ${actor.userId}::uuid
    WHERE id = ANY(${locked.map(({ id }) => id)}::uuid[]) AND status <> 'revoked' RETURNING id`;
  const grantIds = ended.map(({ id }) => id);
  const requests = await endRequests(tx, which, grantIds, now);
  if (grantIds.length === 0) return { grantIds, receipt: { ...NOTHING_REVOKED, ...requests } };

  const families = await tx.$executeRaw`
    UPDATE token_family SET revoked_at = ${now}, revocation_reason = ${reason}
    WHERE grant_id = ANY(${grantIds}::uuid[]) AND revoked_at IS NULL`;
  const refreshTokens = await endTokens(tx, Prisma.sql`f.grant_id = ANY(${grantIds}::uuid[])`, now);
  const authorizationCodes = await tx.$executeRaw`
    UPDATE authorization_code SET revoked_at = ${now}
    WHERE grant_id = ANY(${grantIds}::uuid[]) AND consumed_at IS NULL AND revoked_at IS NULL`;
  await auditGrants(tx, grantIds, reason, actor, now);
  await announce(tx, 'grants', grantIds);
  return { grantIds, receipt: { grants: grantIds.length, families, refreshTokens, authorizationCodes, ...requests } };
}

/**
 * Ends single sign-ins (families) of one grant, and the grant with them where `andGrantWhenLast` and none is left.
 * The grant's row is locked first, as everywhere. Does not check who may do this.
 */
export async function revokeFamilies(
  tx: Tx,
  which: { grantId: string; familyIds: readonly string[]; andGrantWhenLast?: boolean },
  reason: RevocationReason,
  actor: Actor,
  now: Date,
  detail: Prisma.InputJsonObject = {},
): Promise<Revocation & { familyIds: string[] }> {
  await tx.$queryRaw`SELECT id FROM oauth_grant WHERE id = ${which.grantId}::uuid FOR UPDATE`;
  const ended = await tx.$queryRaw<{ id: string }[]>`
    UPDATE token_family SET revoked_at = ${now}, revocation_reason = ${reason}
    WHERE grant_id = ${which.grantId}::uuid AND id = ANY(${[...which.familyIds]}::uuid[]) AND revoked_at IS NULL RETURNING id`;
  const familyIds = ended.map(({ id }) => id);
  const receipt = { ...NOTHING_REVOKED };
  if (familyIds.length === 0) return { grantIds: [], familyIds, receipt };

  receipt.families = familyIds.length;
  receipt.refreshTokens = await endTokens(tx, Prisma.sql`f.id = ANY(${familyIds}::uuid[])`, now);
  await auditFamilies(tx, familyIds, reason, actor, now, detail);
  await announce(tx, 'families', familyIds);
  if (!which.andGrantWhenLast) return { grantIds: [], familyIds, receipt };

  if (await isStillUsed(tx, which.grantId, now)) return { grantIds: [], familyIds, receipt };
  const last = await revokeGrants(tx, { grantIds: [which.grantId] }, reason, actor, now);
  return {
    grantIds: last.grantIds,
    familyIds,
    receipt: { ...last.receipt, families: receipt.families, refreshTokens: receipt.refreshTokens },
  };
}

/**
 * Whether another sign-in of the grant lives, or is about to begin. A family whose refresh token expired lives only as long as an access
 * token may; a code that is not redeemed yet is a laptop that was approved a moment ago.
 */
async function isStillUsed(tx: Tx, grantId: string, now: Date): Promise<boolean> {
  const lately = new Date(now.getTime() - LATELY_MS);
  const [row] = await tx.$queryRaw<{ used: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM token_family f WHERE f.grant_id = ${grantId}::uuid AND f.revoked_at IS NULL
        AND (COALESCE(f.last_used_at, f.created_at) > ${lately} OR (SELECT t.rotated_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > ${now}
          FROM refresh_token t WHERE t.family_id = f.id ORDER BY t.generation DESC LIMIT 1)))
      OR EXISTS (SELECT 1 FROM authorization_code c WHERE c.grant_id = ${grantId}::uuid
        AND c.consumed_at IS NULL AND c.revoked_at IS NULL AND c.expires_at > ${now}) AS used`;
  return row?.used === true;
}

const LATELY_MS = 86_400_000;

function matching(which: Which): Prisma.Sql {
  const { grantIds, userIds, oauthClientId, connectionId, connectResourceId, instanceId, organizationId } = which;
  const parts: Prisma.Sql[] = [];
  if (grantIds) parts.push(Prisma.sql`g.id = ANY(${[...grantIds]}::uuid[])`);
  if (userIds) parts.push(Prisma.sql`g.user_id = ANY(${[...userIds]}::uuid[])`);
  if (oauthClientId) parts.push(Prisma.sql`g.oauth_client_id = ${oauthClientId}::uuid`);
  if (which.oauthClientIds) parts.push(Prisma.sql`g.oauth_client_id = ANY(${[...which.oauthClientIds]}::uuid[])`);
  if (connectionId) parts.push(Prisma.sql`g.connection_id = ${connectionId}::uuid`);
  if (connectResourceId) parts.push(Prisma.sql`g.connect_resource_id = ${connectResourceId}::uuid`);
  if (instanceId) parts.push(Prisma.sql`g.instance_id = ${instanceId}::uuid`);
  if (organizationId) {
    parts.push(
      Prisma.sql`g.connection_id IN (SELECT id FROM connection WHERE owner_organization_id = ${organizationId}::uuid)`,
    );
  }
  if (which.redirectUris) parts.push(Prisma.sql`g.redirect_uri = ANY(${[...which.redirectUris]}::text[])`);
  if (which.anyScope) parts.push(Prisma.sql`g.scopes && ${[...which.anyScope]}::text[]`);
  if (which.expiredBy) parts.push(Prisma.sql`g.expires_at <= ${which.expiredBy}`);
  if (which.approvedBefore) parts.push(Prisma.sql`g.approved_at < ${which.approvedBefore}`);
  // A grant that was approved anew keeps the last use of before.
  if (which.idleSince) {
    parts.push(
      Prisma.sql`COALESCE(g.last_used_at, g.approved_at) <= ${which.idleSince} AND g.approved_at <= ${which.idleSince}`,
    );
  }
  // A revocation of everything would be a mistake in the caller, not a wish.
  if (parts.length === 0) throw new Error('revokeGrants was given nothing to match');
  if (which.except) parts.push(Prisma.sql`g.id <> ${which.except}::uuid`);
  return Prisma.join(parts, ' AND ');
}

/** Consents that wait for a decision or for a provider: those of the grants, and those that the same cause makes pointless. */
async function endRequests(tx: Tx, which: Which, grantIds: readonly string[], now: Date) {
  const causes: Prisma.Sql[] = [Prisma.sql`r.grant_id = ANY(${[...grantIds]}::uuid[])`];
  const wide = which.connectionId ?? which.connectResourceId ?? which.oauthClientId ?? which.oauthClientIds;
  const narrow =
    which.grantIds ?? which.redirectUris ?? which.anyScope ?? which.except ?? which.instanceId ?? which.organizationId;
  if (wide !== undefined && narrow === undefined) {
    const same: Prisma.Sql[] = [];
    if (which.connectionId) same.push(Prisma.sql`r.connection_id = ${which.connectionId}::uuid`);
    if (which.connectResourceId) same.push(Prisma.sql`r.connect_resource_id = ${which.connectResourceId}::uuid`);
    if (which.oauthClientId) same.push(Prisma.sql`r.oauth_client_id = ${which.oauthClientId}::uuid`);
    if (which.oauthClientIds) same.push(Prisma.sql`r.oauth_client_id = ANY(${[...which.oauthClientIds]}::uuid[])`);
    if (which.userIds) same.push(Prisma.sql`r.user_id = ANY(${[...which.userIds]}::uuid[])`);
    causes.push(Prisma.sql`(${Prisma.join(same, ' AND ')})`);
  }
  const authorizationRequests = await tx.$executeRaw`
    UPDATE authorization_request r SET status = 'revoked', decided_at = ${now}
    WHERE r.status IN ('pending', 'awaiting_provider') AND (${Prisma.join(causes, ' OR ')})`;
  const pendingProviderAuthorizations = await tx.$executeRaw`
    UPDATE pending_provider_authorization r SET status = 'revoked', sealed = ''
    WHERE r.status = 'pending' AND (r.grant_id = ANY(${[...grantIds]}::uuid[])
      OR r.authorization_request_id IN (SELECT id FROM authorization_request WHERE status = 'revoked' AND decided_at = ${now}))`;
  return { authorizationRequests, pendingProviderAuthorizations };
}

/** @returns how many live refresh tokens ended; rotated ones of the same families end uncounted. */
async function endTokens(tx: Tx, families: Prisma.Sql, now: Date): Promise<number> {
  const [row] = await tx.$queryRaw<{ live: number }[]>`
    WITH ended AS (
      UPDATE refresh_token t SET revoked_at = ${now}, sealed_successor = NULL
      FROM token_family f WHERE t.family_id = f.id AND ${families} AND t.revoked_at IS NULL RETURNING t.rotated_at
    ) SELECT count(*) FILTER (WHERE rotated_at IS NULL)::int AS live FROM ended`;
  return row?.live ?? 0;
}

async function auditGrants(
  tx: Tx,
  grantIds: string[],
  reason: RevocationReason,
  actor: Actor,
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO audit_event (id, kind, outcome, occurred_at, actor_user_id, owner_user_id, owner_organization_id,
      connection_id, connect_resource_id, instance_id, grant_id, oauth_client_id, detail)
    SELECT e.id, 'grant.revoked', 'success', ${now}, ${actor.userId}::uuid, g.user_id, c.owner_organization_id,
      g.connection_id, g.connect_resource_id, g.instance_id, g.id, g.oauth_client_id, jsonb_build_object('reason', ${reason}::text)
    FROM unnest(${grantIds.map(() => uuidv7())}::uuid[], ${grantIds}::uuid[]) AS e(id, grant_id)
    JOIN oauth_grant g ON g.id = e.grant_id JOIN connection c ON c.id = g.connection_id`;
}

async function auditFamilies(
  tx: Tx,
  familyIds: string[],
  reason: RevocationReason,
  actor: Actor,
  now: Date,
  detail: Prisma.InputJsonObject,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO audit_event (id, kind, outcome, occurred_at, actor_user_id, owner_user_id, owner_organization_id,
      connection_id, connect_resource_id, instance_id, grant_id, oauth_client_id, detail)
    SELECT e.id, 'family.revoked', 'success', ${now}, ${actor.userId}::uuid, g.user_id, c.owner_organization_id,
      g.connection_id, g.connect_resource_id, g.instance_id, g.id, g.oauth_client_id,
      ${JSON.stringify(detail)}::jsonb || jsonb_build_object('reason', ${reason}::text, 'familyId', f.id, 'label', f.label)
    FROM unnest(${familyIds.map(() => uuidv7())}::uuid[], ${familyIds}::uuid[]) AS e(id, family_id)
    JOIN token_family f ON f.id = e.family_id JOIN oauth_grant g ON g.id = f.grant_id JOIN connection c ON c.id = g.connection_id`;
}
