/** Which hosts' metadata documents make a client: the operator's lists first, then what admins decided, then the mode. */
import type { Database } from '../../platform/database.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { verifiedHost } from './document-url.ts';

export type DocumentTrust = {
  /** `approve`: a host that is in no list waits for an admin. */
  mode: 'allow' | 'approve' | 'deny';
  allowedHosts: readonly string[];
  deniedHosts: readonly string[];
};

export type HostJudgement = 'allowed' | 'waiting' | 'denied';

/**
 * Whether a client of this address may be asked for. A host that has to wait is noted for the admins. A listed host counts with its
 * subdomains; an admin decides on one host, port included, and cannot open what the settings close. @throws whatever the database throws
 */
export async function judgeHost(
  database: Database,
  clientId: string,
  { mode, allowedHosts, deniedHosts }: DocumentTrust,
  now: Date,
): Promise<HostJudgement> {
  const { hostname } = new URL(clientId);
  const listed = (hosts: readonly string[]) =>
    hosts.some((entry) => hostname === entry || hostname.endsWith(`.${entry}`));
  if (listed(deniedHosts)) return 'denied';
  if (listed(allowedHosts)) return 'allowed';
  if (mode === 'deny') return 'denied';
  const host = verifiedHost(clientId);
  const decided = await database.db.clientHost.findUnique({ where: { host }, select: { status: true } });
  if (decided?.status === 'denied') return 'denied';
  if (mode === 'allow' || decided?.status === 'approved') return 'allowed';
  await noteWaiting(database, { host, clientId }, now);
  return 'waiting';
}

// More would be nothing that a person could decide on, and whoever asks for so many hosts wants the table full.
const MAX_WAITING = 500;
const WAITING_DAYS = 30;

/** Once a minute for one host: it may ask as often as it likes. */
async function noteWaiting(database: Database, { host, clientId }: { host: string; clientId: string }, now: Date) {
  await database.db.$executeRaw`
    INSERT INTO client_host (id, host, client_id, last_asked_at, created_at)
    SELECT gen_random_uuid(), ${host}, ${clientId}, ${now}, ${now}
    WHERE (SELECT count(*) FROM client_host WHERE status = 'waiting') < ${MAX_WAITING}
    ON CONFLICT (host) DO UPDATE SET client_id = excluded.client_id, last_asked_at = excluded.last_asked_at
    WHERE client_host.status = 'waiting' AND client_host.last_asked_at < ${new Date(now.getTime() - 60_000)}`;
}

/** Forgets hosts that nobody has asked for in a month, and that no admin decided on. @returns how many */
export const forgetWaitingHosts = async ({ db }: Database, now: Date): Promise<number> =>
  (
    await db.clientHost.deleteMany({
      where: { status: 'waiting', lastAskedAt: { lt: new Date(now.getTime() - WAITING_DAYS * 86_400_000) } },
    })
  ).count;

/** A host as documents have it; null for what is none. */
export function readHost(text: string): string | null {
  const host = text.trim().toLowerCase();
  return host.length <= 253 && URL.canParse(`https://${host}`) && new URL(`https://${host}`).host === host
    ? host
    : null;
}

/** Lets the clients of a host in. What was revoked stays revoked. Does not check that the actor is an admin. @throws Unavailable */
export async function approveHost(
  database: Database,
  { host, actorUserId }: { host: string; actorUserId: string },
  now: Date,
): Promise<void> {
  await transact(database, async (tx) => {
    const decision = { status: 'approved' as const, decidedAt: now, decidedById: actorUserId };
    await tx.clientHost.upsert({ where: { host }, create: { host, ...decision }, update: decision });
    await record(tx, now, { kind: 'client_host.approved', actorUserId, detail: { host } });
  });
}

/**
 * Lets no client of a host in, and ends what its clients were granted. Whoever approves a client at this moment either is seen here
 * or sees this: its client's row is locked before the host is looked at (core/grants/hold). Does not check that the actor is an admin.
 * @throws Unavailable
 */
export async function denyHost(
  database: Database,
  { host, actorUserId }: { host: string; actorUserId: string },
  now: Date,
): Promise<Revocation> {
  return transact(database, async (tx) => {
    const decision = { status: 'denied' as const, decidedAt: now, decidedById: actorUserId };
    await tx.clientHost.upsert({ where: { host }, create: { host, ...decision }, update: decision });
    const clients = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM oauth_client WHERE kind = 'metadata_document' AND starts_with(client_id, ${`https://${host}/`})
      ORDER BY id FOR UPDATE`;
    const oauthClientIds = clients.map(({ id }) => id);
    const revocation = await revokeGrants(tx, { oauthClientIds }, 'client_host_denied', { userId: actorUserId }, now);
    const detail = { host, revoked: revocation.grantIds.length };
    await record(tx, now, { kind: 'client_host.denied', actorUserId, detail });
    return revocation;
  });
}
