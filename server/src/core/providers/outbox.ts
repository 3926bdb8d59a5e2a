/** The outbox: sign-ins that ended here are ended at their providers too (RFC 7009), after the fact, and never in anybody's way. */
import type { Database } from '../../platform/database.ts';
import { SealBroken } from '../../platform/seal.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { unsealBundle } from './bundle.ts';
import type { ProviderDeps } from './deps.ts';
import { revokeToken } from './exchange.ts';
import { providerOfClient } from './provider.ts';

const BATCH = 20;
/** While one process is at it no other is; longer than all its requests may take together. */
const LEASE_SECONDS = 120;
/** With the waits between them, two days. After that what is kept of it goes all the same. */
const MAX_ATTEMPTS = 12;
const FIRST_WAIT_SECONDS = 60;
const MAX_WAIT_SECONDS = 6 * 3_600;

/** Works through what is due. Any number of processes may: each entry is taken by one. @returns how many it finished. */
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
      next_attempt_at = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    WHERE provider_grant_id IN (
      SELECT provider_grant_id FROM provider_revocation WHERE next_attempt_at <= clock_timestamp()
      ORDER BY next_attempt_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING provider_grant_id AS id, attempts`;

async function attempt(deps: ProviderDeps, entry: Entry): Promise<boolean> {
  const outcome = await revokeUpstream(deps, entry.id);
  if (outcome === 'later' && entry.attempts < MAX_ATTEMPTS) {
    const wait =
      Math.min(FIRST_WAIT_SECONDS * 2 ** (entry.attempts - 1), MAX_WAIT_SECONDS) * (0.75 + Math.random() / 4);
    await deps.database.db.$executeRaw`
      UPDATE provider_revocation SET next_attempt_at = clock_timestamp() + make_interval(secs => ${wait})
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
