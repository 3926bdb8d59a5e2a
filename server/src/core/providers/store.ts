/** How what a provider gave is kept, and how what must not be kept is left to be ended. */
import { v7 as uuidv7 } from 'uuid';
import type { Keyring } from '../../platform/keys.ts';
import { SealBroken } from '../../platform/seal.ts';
import type { Tx } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { ProviderAccount } from './account.ts';
import { sealBundle, unsealBundle } from './bundle.ts';
import { dropEnded } from './outbox.ts';
import type { ProviderTokens } from './token-answer.ts';

export type NewProviderGrant = {
  instanceId: string;
  providerClientId: string;
  tokens: ProviderTokens;
  /** What was asked for: granted, where the provider does not say otherwise. */
  scopes: string[];
  resource: string | null;
  account: ProviderAccount;
  /** When the person set out for the provider. */
  startedAt: Date;
};

/**
 * Keeps a sign-in as the instance's only one, and the instance is active from the commit on. The caller has locked the instance's row
 * and checked what it hangs on.
 *
 * Of two sign-ins the one that began later stays, whichever comes back first, as long as its credential is good (SECURITY #314). The
 * one that goes is not revoked at the provider: many end the whole authorization of this person and client then, the new one with it.
 */
export async function storeProviderGrant(tx: Tx, keyring: Keyring, grant: NewProviderGrant, now: Date): Promise<void> {
  const { instanceId, tokens, startedAt } = grant;
  const instance = await tx.connectionInstance.findUniqueOrThrow({
    where: { id: instanceId },
    include: { providerGrants: { where: { revokedAt: null } } },
  });
  const [former] = instance.providerGrants;
  if (former && former.signInStartedAt > startedAt && instance.status === 'active') return;
  // A provider that gives a refresh token at the first sign-in only means that the first one goes on (SECURITY #228). For the same
  // account alone: an account that the provider does not tell from others may be another's.
  const { name, subject } = grant.account;
  const isSame = former?.providerClientId === grant.providerClientId && subject !== null && former.subject === subject;
  const kept = former && isSame ? await refreshTokenOf(keyring, former) : null;
  if (former) {
    await tx.providerGrant.update({ where: { id: former.id }, data: { revokedAt: now, sealed: '', ...NO_LEASE } });
  }
  const id = uuidv7();
  const bundle = {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? kept,
    resource: grant.resource,
  };
  await tx.providerGrant.create({
    data: {
      id,
      instanceId,
      providerClientId: grant.providerClientId,
      sealed: await sealBundle(keyring, id, bundle),
      scopes: tokens.scopes ?? grant.scopes,
      expiresAt: tokens.expiresAt,
      issuedAt: tokens.issuedAt,
      subject,
      signInStartedAt: startedAt,
      createdAt: now,
    },
  });
  await tx.connectionInstance.update({
    where: { id: instanceId },
    data: { status: 'active', upstreamAccount: name },
  });
  await dropEnded(tx, id, now);
  const connection = await tx.connection.findUniqueOrThrow({ where: { id: instance.connectionId } });
  await record(tx, now, {
    kind: 'provider.signed_in',
    actorUserId: instance.userId,
    ownerUserId: instance.userId,
    ownerOrganizationId: connection.ownerOrganizationId,
    connectionId: connection.id,
    instanceId,
    detail: { name: connection.name, account: name, scopes: tokens.scopes ?? grant.scopes },
  });
}

const NO_LEASE = { leaseOwner: null, leaseUntil: null };

async function refreshTokenOf(keyring: Keyring, row: { id: string; sealed: string }): Promise<string | null> {
  try {
    return (await unsealBundle(keyring, row.id, row.sealed)).refreshToken;
  } catch (error) {
    // Its key is gone: the person has just signed in anew, which is what that asks for.
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

/**
 * Leaves tokens that may not be used to be revoked at their provider: what they were for ended while they were fetched (SECURITY #230,
 * #310). Where another sign-in of the same person and registration is in use they are only dropped, because many providers would end
 * that one with them (SECURITY #314). Behind the instance's lock, so that the other is seen.
 */
export async function discardTokens(
  tx: Tx,
  keyring: Keyring,
  grant: Pick<NewProviderGrant, 'instanceId' | 'providerClientId' | 'tokens' | 'resource' | 'startedAt'>,
  now: Date,
): Promise<void> {
  const { instanceId, providerClientId, startedAt } = grant;
  await tx.$queryRaw`SELECT id FROM connection_instance WHERE id = ${instanceId}::uuid FOR UPDATE`;
  if ((await tx.providerGrant.count({ where: { instanceId, providerClientId, revokedAt: null } })) > 0) return;
  const id = uuidv7();
  const { accessToken, refreshToken, issuedAt } = grant.tokens;
  const sealed = await sealBundle(keyring, id, { accessToken, refreshToken, resource: grant.resource });
  await tx.providerGrant.create({
    data: {
      id,
      instanceId,
      providerClientId,
      sealed,
      scopes: [],
      issuedAt,
      signInStartedAt: startedAt,
      createdAt: now,
      revokedAt: now,
      revocation: { create: { nextAttemptAt: now, createdAt: now } },
    },
  });
}
