/** The outbox: sign-ins that ended here are ended at their providers too (RFC 7009), after the fact, and never in anybody's way. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../platform/database.ts';
import { SealBroken } from '../../platform/seal.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { unsealBundle } from './bundle.ts';
import type { ProviderDeps } from './deps.ts';
import { revokeToken } from './exchange.ts';
import { providerOfClient } from './provider.ts';

const BATCH = 20;
/** While one process is at it no other is; longer than all its requests may take together. */
const LEASE_SECONDS = 60;
/** With the waits between them, two days. After that what is kept of it goes all the same. */
const MAX_ATTEMPTS = 12;
const FIRST_WAIT_SECONDS = 60;
const MAX_WAIT_SECONDS = 6 * 3_600;

/**
 * Works through what is due. Any number of processes may: each entry is taken by one. Nothing is told to a provider at which the same person
 * signs in at this moment: many would end the new sign-in with the old one. @returns how many it finished.
 */
export async function revokeEnded(deps: ProviderDeps): Promise<number> {
  for (let finished = 0; ; ) {
    const due = await takeDue(deps.database);
    const outcomes = await Promise.all(due.map((entry) => attempt(deps, entry)));
    finished += outcomes.filter((done) => done).length;
    if (due.length < BATCH) return finished;
  }
}

type Entry = { id: string; attempts: number };

const takeDue = ({ db }: Database): Promise<Entry[]> =>
  db.$queryRaw<Entry[]>`
    UPDATE provider_revocation SET attempts = attempts + 1,
      taken_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    WHERE provider_grant_id IN (
      SELECT r.provider_grant_id FROM provider_revocation r
      JOIN provider_grant p ON p.id = r.provider_grant_id JOIN connection_instance i ON i.id = p.instance_id
      WHERE r.next_attempt_at <= clock_timestamp() AND (r.taken_until IS NULL OR r.taken_until < clock_timestamp())
        AND NOT EXISTS (
          SELECT 1 FROM pending_provider_authorization w
          WHERE w.user_id = i.user_id AND w.connection_id = i.connection_id
            AND (w.status = 'pending' AND w.expires_at > clock_timestamp()
              OR w.status = 'consumed' AND w.consumed_at > clock_timestamp() - make_interval(secs => ${LEASE_SECONDS})
                AND NOT EXISTS (
                  SELECT 1 FROM provider_grant g WHERE g.instance_id = w.instance_id AND g.sign_in_started_at = w.created_at)))
      ORDER BY r.next_attempt_at LIMIT ${BATCH} FOR UPDATE OF r SKIP LOCKED)
    RETURNING provider_grant_id AS id, attempts`;

/** How long a person who sets out waits for a process that is at it. */
const SETTLE_MS = 10_000;
const LOOK_MS = 100;

/**
 * Before a person sets out for a provider: what ended of theirs at this connection is told there now, not when its time comes, because
 * later it might end the new sign-in. What the provider cannot be told now rests at least as long as it takes to set out; from then on
 * the sign-in itself keeps it from being told (`revokeEnded`), and ends it (`dropEnded`).
 * @returns false where another process is still at it
 */
export async function settleEnded(deps: ProviderDeps, who: { userId: string; connectionId: string }): Promise<boolean> {
  const { db } = deps.database;
  const { userId, connectionId } = who;
  const waiting = await db.$queryRaw<Entry[]>`
    UPDATE provider_revocation r SET taken_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    FROM provider_grant p, connection_instance i
    WHERE p.id = r.provider_grant_id AND i.id = p.instance_id
      AND i.user_id = ${userId}::uuid AND i.connection_id = ${connectionId}::uuid
      AND (r.taken_until IS NULL OR r.taken_until < clock_timestamp())
    RETURNING r.provider_grant_id AS id, r.attempts`;
  await Promise.all(waiting.map((entry) => attempt(deps, entry)));
  for (const deadline = performance.now() + SETTLE_MS; ; await sleep(LOOK_MS)) {
    const [row] = await db.$queryRaw<{ busy: boolean }[]>`
      SELECT EXISTS (
        SELECT 1 FROM provider_revocation r
        JOIN provider_grant p ON p.id = r.provider_grant_id JOIN connection_instance i ON i.id = p.instance_id
        WHERE i.user_id = ${userId}::uuid AND i.connection_id = ${connectionId}::uuid
          AND r.taken_until > clock_timestamp()) AS busy`;
    if (!row?.busy) return true;
    if (performance.now() > deadline) return false;
  }
}

async function attempt(deps: ProviderDeps, entry: Entry): Promise<boolean> {
  const outcome = await revokeUpstream(deps, entry.id);
  if (outcome === 'later' && entry.attempts < MAX_ATTEMPTS) {
    const wait =
      Math.min(FIRST_WAIT_SECONDS * 2 ** Math.max(0, entry.attempts - 1), MAX_WAIT_SECONDS) *
      (0.75 + Math.random() / 4);
    await deps.database.db.$executeRaw`
      UPDATE provider_revocation SET next_attempt_at = clock_timestamp() + make_interval(secs => ${wait}), taken_until = NULL
      WHERE provider_grant_id = ${entry.id}::uuid`;
    return false;
  }
  await finish(deps, entry, outcome === 'later' ? 'given_up' : outcome);
  return true;
}

/** `impossible`: the provider has no way to be told, or we can no longer say what. */
type Outcome = 'revoked' | 'refused' | 'impossible' | 'given_up';

async function revokeUpstream(deps: ProviderDeps, id: string): Promise<Outcome | 'later'> {
  const row = await deps.database.db.providerGrant.findUnique({ where: { id } });
  if (!row || row.sealed === '') return 'impossible';
  try {
    const bundle = await unsealBundle(deps.keyring, id, row.sealed);
    const provider = await providerOfClient(deps, row.providerClientId);
    if (!provider.ok) return provider.reason.kind === 'unreachable' ? 'later' : 'impossible';
    if (provider.value.server.revocation_endpoint === undefined) return 'impossible';
    const { accessToken, refreshToken } = bundle;
    // The refresh token first: with it most providers end everything (RFC 7009 §2.1).
    const first =
      refreshToken === null ? 'revoked' : await revokeToken(deps, provider.value, refreshToken, 'refresh_token');
    if (first === 'later') return first;
    const second = await revokeToken(deps, provider.value, accessToken, 'access_token');
    // Many take refresh tokens alone: with that one ended, a refusal of the other is no failure.
    return second === 'refused' && refreshToken !== null ? first : second;
  } catch (error) {
    if (error instanceof SealBroken) return 'impossible';
    throw error;
  }
}

/** Drops what was kept of it. */
async function finish({ database, clock }: ProviderDeps, { id, attempts }: Entry, outcome: Outcome): Promise<void> {
  await transact(database, async (tx) => {
    const { count } = await tx.providerRevocation.deleteMany({ where: { providerGrantId: id } });
    if (count === 0) return;
    const grant = await tx.providerGrant.update({
      where: { id },
      data: { sealed: '' },
      include: { instance: { include: { connection: true } } },
    });
    const { connection, userId } = grant.instance;
    await record(tx, clock(), {
      kind: 'provider.revoked',
      outcome: outcome === 'revoked' ? 'success' : 'failure',
      ownerUserId: userId,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId: connection.id,
      instanceId: grant.instanceId,
      // No name: its person may be erased by now.
      detail: { outcome, attempts },
    });
  });
}

/**
 * A new sign-in is kept: what still waits to be ended of an earlier one of the same person, connection and client is only dropped, and
 * nobody has it any more. Telling the provider now would end the new one at many (SECURITY #314); when that ends, this does with it.
 * One of an account that is known to be another stays: it is told of. Behind the instance's lock.
 */
export async function dropEnded(tx: Tx, providerGrantId: string, now: Date): Promise<void> {
  const dropped = await tx.$queryRaw<DroppedEntry[]>`
    DELETE FROM provider_revocation r
    USING provider_grant p, connection_instance i, provider_client c, connection o,
      provider_grant kept, connection_instance k, provider_client d
    WHERE p.id = r.provider_grant_id AND i.id = p.instance_id AND c.id = p.provider_client_id AND o.id = i.connection_id
      AND kept.id = ${providerGrantId}::uuid AND k.id = kept.instance_id AND d.id = kept.provider_client_id
      AND i.user_id = k.user_id AND i.connection_id = k.connection_id AND c.issuer = d.issuer AND c.client_id = d.client_id
      AND (p.subject IS NULL OR kept.subject IS NULL OR p.subject = kept.subject)
    RETURNING p.id, r.attempts, p.instance_id AS "instanceId", i.user_id AS "userId", i.connection_id AS "connectionId",
      o.owner_organization_id AS "organizationId"`;
  const ids = dropped.map(({ id }) => id);
  await tx.providerGrant.updateMany({ where: { id: { in: ids } }, data: { sealed: '' } });
  for (const { attempts, instanceId, userId, connectionId, organizationId } of dropped) {
    await record(tx, now, {
      kind: 'provider.revoked',
      outcome: 'failure',
      ownerUserId: userId,
      ownerOrganizationId: organizationId,
      connectionId,
      instanceId,
      detail: { outcome: 'superseded', attempts },
    });
  }
}

type DroppedEntry = Entry & {
  instanceId: string;
  userId: string;
  connectionId: string;
  organizationId: string | null;
};
