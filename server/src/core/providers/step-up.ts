/** An upstream that wants more scopes than were granted: the person is asked for them, once (MCP authorization, "Step-Up Authorization Flow"). */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';

const MAX_SCOPES = 50;

/**
 * Notes what an upstream asked for besides what it granted: the instance waits for another sign-in, which asks for it. What was asked
 * for at a sign-in before, and not granted, is not asked for again (SECURITY #223). @returns whether a sign-in would help. @throws Unavailable
 */
export async function wantScopes(
  database: Database,
  { providerGrantId, scopes }: { providerGrantId: string; scopes: readonly string[] },
  now: Date,
): Promise<boolean> {
  return transact(database, async (tx) => {
    await tx.$queryRaw`
      SELECT id FROM connection_instance WHERE id = (SELECT instance_id FROM provider_grant WHERE id = ${providerGrantId}::uuid) FOR UPDATE`;
    // Only now: where a newer sign-in took its place meanwhile, that one may have what is wanted.
    const grant = await tx.providerGrant.findUnique({ where: { id: providerGrantId } });
    if (!grant || grant.revokedAt !== null) return false;
    const instance = await tx.connectionInstance.findUniqueOrThrow({
      where: { id: grant.instanceId },
      include: { connection: true },
    });
    const asked = new Set([...grant.scopes, ...instance.wantedScopes]);
    const missing = scopes.filter((scope) => !asked.has(scope));
    if (missing.length === 0 || instance.wantedScopes.length + missing.length > MAX_SCOPES) return false;
    await tx.connectionInstance.update({
      where: { id: instance.id },
      data: {
        wantedScopes: [...instance.wantedScopes, ...missing],
        ...(instance.status === 'active' ? { status: 'needs_reauth' } : {}),
      },
    });
    await record(tx, now, {
      kind: 'provider.needs_reauth',
      ownerUserId: instance.userId,
      ownerOrganizationId: instance.connection.ownerOrganizationId,
      connectionId: instance.connectionId,
      instanceId: instance.id,
      detail: { name: instance.connection.name, reason: 'insufficient_scope', scopes: missing },
    });
    return true;
  });
}

/** What a new sign-in of this person asks for besides what the server or the owner of the connection asks for: nothing, or what was wanted, with what they had. */
export async function scopesOfBefore({ db }: Database, userId: string, connectionId: string): Promise<string[]> {
  const instance = await db.connectionInstance.findFirst({
    where: { userId, connectionId, status: { in: ['active', 'needs_reauth'] } },
    include: { providerGrants: { where: { revokedAt: null } } },
  });
  if (!instance || instance.wantedScopes.length === 0) return [];
  return [...(instance.providerGrants[0]?.scopes ?? []), ...instance.wantedScopes];
}
