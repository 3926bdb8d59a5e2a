/** All that is kept of a person, for that person (GDPR Art. 15 and 20): no secret, no digest of one, and nothing of anybody else. */
import type { Database } from '../../platform/database.ts';
import { tellable } from '../audit/describe.ts';

/** The newest so many of each list: whoever has more pages through the API. */
const MAX_ROWS = 10_000;

/** A plain object for JSON. @throws when the database is away */
export async function exportOwnData({ db }: Database, userId: string, now: Date): Promise<Record<string, unknown>> {
  const newest = { orderBy: { createdAt: 'desc' as const }, take: MAX_ROWS };
  const user = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { id: true, name: true, email: true, emailVerified: true, role: true, createdAt: true },
  });
  return {
    exportedAt: now,
    user,
    signInMethods: await db.account.findMany({
      where: { userId },
      select: { providerId: true, issuer: true, createdAt: true },
      ...newest,
    }),
    sessions: await db.session.findMany({
      where: { userId },
      select: { ipAddress: true, userAgent: true, createdAt: true, expiresAt: true },
      ...newest,
    }),
    apiKeys: await db.apiKey.findMany({
      where: { userId },
      select: {
        name: true,
        start: true,
        scopes: true,
        createdAt: true,
        expiresAt: true,
        lastUsedAt: true,
        revokedAt: true,
      },
      ...newest,
    }),
    organizations: await db.membership.findMany({
      where: { userId },
      select: { role: true, createdAt: true, removedAt: true, organization: { select: { id: true, name: true } } },
      ...newest,
    }),
    connections: await db.connection.findMany({
      where: { ownerUserId: userId },
      select: {
        id: true,
        name: true,
        remoteUrl: true,
        authMode: true,
        status: true,
        staticHeaderNames: true,
        auxiliaryHeaders: true,
        createdAt: true,
        deletedAt: true,
      },
      ...newest,
    }),
    providerSignIns: await db.connectionInstance.findMany({
      where: { userId },
      select: { connectionId: true, status: true, upstreamAccount: true, createdAt: true },
      ...newest,
    }),
    grants: await db.oAuthGrant.findMany({
      where: { userId },
      select: {
        id: true,
        client: { select: { clientId: true, name: true } },
        connection: { select: { id: true, name: true } },
        redirectUri: true,
        scopes: true,
        executionContext: true,
        status: true,
        approvedAt: true,
        lastUsedAt: true,
        expiresAt: true,
        revokedAt: true,
        revocationReason: true,
        families: { select: { label: true, userAgent: true, createdAt: true, lastUsedAt: true, revokedAt: true } },
        usage: { select: { hour: true, requests: true, errors: true, denials: true } },
      },
      ...newest,
    }),
    events: (
      await db.auditEvent.findMany({
        where: { OR: [{ ownerUserId: userId }, { actorUserId: userId, ownerUserId: null }] },
        select: { kind: true, outcome: true, occurredAt: true, grantId: true, connectionId: true, detail: true },
        orderBy: { occurredAt: 'desc' },
        take: MAX_ROWS,
      })
    ).map((event) => ({ ...event, detail: tellable(event.kind, event.detail) })),
  };
}
