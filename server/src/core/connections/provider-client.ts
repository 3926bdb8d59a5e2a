/** A registration that we hold at a provider: sealed, and bound to the issuer that it was made at. Rows are retired, never changed. */
import type { AuthMode, ProviderClientKind } from '@grantway/prisma/client';
import { v7 as uuidv7 } from 'uuid';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result } from '../../platform/result.ts';
import { SealBroken, seal, unseal } from '../../platform/seal.ts';
import type { Tx } from '../../platform/transact.ts';
import { callbackUrl, sharedCallbackUrl } from './callback-url.ts';
import { type Invalid, invalid } from './refusal.ts';

/** What is sealed: all that it takes to speak as this client. */
export type SealedClient = {
  clientId: string;
  /** Null for a public client. */
  clientSecret: string | null;
  /** How it authenticates at the token endpoint (RFC 7591 §2). */
  authMethod: 'none' | 'client_secret_basic' | 'client_secret_post';
  /** The callback that it was registered with; null where a person did that, with the one that we show. */
  redirectUri: string | null;
  /** Of one that a person registered: whether what we showed was the provider's own callback. Absent: it was the one of all providers. */
  ownCallback?: boolean;
  /** By the rules of 2025-03-26: its server has no metadata, and its endpoints are at the usual places. */
  oldRules: boolean;
};

export type NewProviderClient = {
  connectionId: string;
  issuer: string;
  kind: ProviderClientKind;
  client: SealedClient;
  /** Null: never. */
  expiresAt: Date | null;
};

const placeOf = (id: string): string => `provider_client/${id}`;

/** Seals and keeps a registration. The caller has locked the connection. @returns the id of its row */
export async function storeProviderClient(
  tx: Tx,
  keyring: Keyring,
  { client, ...row }: NewProviderClient,
  now: Date,
): Promise<string> {
  const id = uuidv7();
  const sealed = await seal(keyring, placeOf(id), JSON.stringify(client));
  await tx.providerClient.create({ data: { ...row, id, clientId: client.clientId, sealed, createdAt: now } });
  return id;
}

/** @throws SealBroken */
export const unsealProviderClient = async (
  keyring: Keyring,
  row: { id: string; sealed: string },
): Promise<SealedClient> => JSON.parse(await unseal(keyring, placeOf(row.id), row.sealed));

/** The callback to use with a registration at `issuer`: always the one that the provider has on file. */
export const redirectUriOf = (base: string, issuer: string, client: SealedClient): string =>
  client.redirectUri ?? (client.ownCallback ? callbackUrl(base, issuer) : sharedCallbackUrl(base));

/** Takes registrations out of use. The rows stay: what they issued is refreshed and revoked as the client that got it (field note A13). */
export async function retireProviderClients(
  tx: Tx,
  connectionId: string,
  kinds: ProviderClientKind[],
  now: Date,
): Promise<void> {
  await tx.providerClient.updateMany({
    where: { connectionId, kind: { in: kinds }, retiredAt: null },
    data: { retiredAt: now },
  });
}

/** A client that a person registered at the provider by hand. */
export type NewStaticClient = Pick<SealedClient, 'clientId' | 'clientSecret' | 'authMethod'>;

/** What a person may enter, trimmed. The secret itself never goes into a message. */
export function checkStaticClient(
  mode: AuthMode,
  given: NewStaticClient | undefined,
): Result<NewStaticClient | null, Invalid> {
  if (mode !== 'oauth_static') {
    return given
      ? invalid('providerClientId', 'A client is entered only where the connection signs in with a client of its own.')
      : ok(null);
  }
  const clientId = given?.clientId.trim() ?? '';
  const clientSecret = given?.clientSecret?.trim() || null;
  if (!given || clientId === '') return invalid('providerClientId', 'Give the client ID that the provider handed out.');
  if (!/^[\x20-\x7e]{1,2048}$/.test(clientId)) return invalid('providerClientId', 'A client ID is plain text.');
  if (clientSecret !== null && !/^[\x20-\x7e]{1,8192}$/.test(clientSecret)) {
    return invalid('providerClientSecret', 'A client secret is plain text.');
  }
  return ok({ clientId, clientSecret, authMethod: clientSecret === null ? 'none' : given.authMethod });
}

/** Keeps a client that a person entered, in place of the one before. The caller has locked the connection, and checked the client. */
export async function storeStaticClient(
  tx: Tx,
  keyring: Keyring,
  { connectionId, issuer, ...client }: NewStaticClient & { connectionId: string; issuer: string },
  now: Date,
): Promise<void> {
  const [former] = await tx.providerClient.findMany({
    where: { connectionId, issuer, kind: 'static', retiredAt: null },
    orderBy: { createdAt: 'desc' },
    take: 1,
  });
  const ownCallback = former === undefined || (await hasOwnCallback(keyring, former));
  await retireProviderClients(tx, connectionId, ['static'], now);
  const sealed = { ...client, redirectUri: null, ownCallback, oldRules: false };
  await storeProviderClient(
    tx,
    keyring,
    { connectionId, issuer, kind: 'static', client: sealed, expiresAt: null },
    now,
  );
}

/**
 * Whether a client entered by hand goes by the provider's own callback, as does what is entered in its place: mostly that is the same
 * client with a new secret. One that can no longer be opened is entered anew with what is shown then, which is the own one.
 */
export async function hasOwnCallback(keyring: Keyring, row: { id: string; sealed: string }): Promise<boolean> {
  try {
    return (await unsealProviderClient(keyring, row)).ownCallback ?? false;
  } catch (error) {
    if (error instanceof SealBroken) return true;
    throw error;
  }
}
