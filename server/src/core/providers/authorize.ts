/** How a sign-in at a provider begins: where the browser is sent, and what is remembered until it comes back. */
import * as oauth from 'oauth4webapi';
import { v7 as uuidv7 } from 'uuid';
import { after } from '../../platform/clock.ts';
import { checkUpstreamUrl } from '../../platform/http/upstream-url.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { seal } from '../../platform/seal.ts';
import { hashSecret, newSecret, PROVIDER_STATE } from '../../platform/secret.ts';
import type { Tx } from '../../platform/transact.ts';
import type { ProviderDeps } from './deps.ts';
import { settleEnded } from './outbox.ts';
import { openProvider, type Provider } from './provider.ts';
import { type ProviderRefusal, say } from './refusal.ts';
import { scopesOfBefore } from './step-up.ts';

/** How long a person may take at the provider. */
export const SIGN_IN_SECONDS = 30 * 60;

/** A sign-in that could begin now: nothing is kept of it yet. */
export type PreparedSignIn = {
  url: string;
  state: string;
  connectionId: string;
  /** The connection's version that all this was made for. */
  connectionVersion: number;
  secret: SignInSecret;
};

/** What only the exchange needs, sealed until then. */
export type SignInSecret = {
  verifier: string;
  /** Sent where an ID token is asked for (OpenID Connect Core §3.1.2.1). */
  nonce: string | null;
  providerClientId: string;
  scopes: string[];
  resource: string | null;
};

/** Whom and what a sign-in is for: the callback has to agree with all of it. */
export type SignInBinding = {
  userId: string;
  /** Of the browser that it begins in: its session, and its own cookie where it has one. */
  sessionId: string | null;
  browser: string | null;
  instanceId: string;
  authorizationRequestId: string | null;
  grantId: string | null;
};

// What the request itself says: no setting of a connection may say otherwise.
const OURS =
  /^(response_type|response_mode|client_id|redirect_uri|scope|state|nonce|code_challenge(_method)?|resource|request(_uri)?)$/;

/** Finds the provider of a connection, over the network where it has to, and makes the address for the browser. Keeps nothing. */
export async function prepareSignIn(
  deps: ProviderDeps,
  { userId, connectionId }: { userId: string; connectionId: string },
): Promise<Result<PreparedSignIn, ProviderRefusal>> {
  const connection = await deps.database.db.connection.findUnique({
    where: { id: connectionId },
    select: { version: true },
  });
  if (!connection) return refused(say('not_found'));
  const opened = await openProvider(deps, connectionId, {
    scopes: await scopesOfBefore(deps.database, userId, connectionId),
  });
  if (!opened.ok) return opened;
  if (!(await settleEnded(deps, { userId, connectionId }))) return refused(say('still_ending'));
  const provider = opened.value;
  const endpoint = checkUpstreamUrl(provider.server.authorization_endpoint ?? '', deps.allow);
  if (!endpoint.ok) {
    // A browser is sent nowhere on a stranger's word alone (SECURITY #196).
    return refused({ kind: 'refused', message: 'The provider names a sign-in page that is not an https address.' });
  }
  const secret: SignInSecret = {
    verifier: oauth.generateRandomCodeVerifier(),
    nonce: provider.scopes.includes('openid') ? oauth.generateRandomNonce() : null,
    providerClientId: provider.providerClientId,
    scopes: provider.scopes,
    resource: provider.resource,
  };
  const state = newSecret(PROVIDER_STATE);
  const url = await authorizationUrl(endpoint.value, provider, state, secret);
  return ok({ url, state, connectionId, connectionVersion: connection.version, secret });
}

async function authorizationUrl(
  endpoint: URL,
  provider: Provider,
  state: string,
  secret: SignInSecret,
): Promise<string> {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(provider.parameters)) {
    if (!OURS.test(name)) url.searchParams.set(name, value);
  }
  const parameters: Record<string, string | null> = {
    response_type: 'code',
    client_id: provider.client.client_id,
    redirect_uri: provider.redirectUri,
    scope: provider.scopes.join(' ') || null,
    state,
    nonce: secret.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(secret.verifier),
    code_challenge_method: 'S256',
    resource: provider.resource,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

/**
 * Remembers a sign-in that begins, in the transaction of what it is for: never before a person said yes (SECURITY #74). One that was
 * under way for the same purpose is over: of several tabs the last counts. @returns where the browser goes.
 */
export async function keepSignIn(
  tx: Tx,
  deps: ProviderDeps,
  { url, state, connectionId, connectionVersion, secret }: PreparedSignIn,
  binding: SignInBinding,
  now: Date,
): Promise<string> {
  const { browser, ...bound } = binding;
  const { instanceId, authorizationRequestId } = bound;
  await tx.pendingProviderAuthorization.updateMany({
    where: { instanceId, authorizationRequestId, status: 'pending' },
    data: { status: 'revoked', sealed: '' },
  });
  const id = uuidv7();
  await tx.pendingProviderAuthorization.create({
    data: {
      ...bound,
      id,
      connectionId,
      connectionVersion,
      stateHash: hashSecret(state),
      sealed: await seal(deps.keyring, placeOfSignIn(id), JSON.stringify(secret)),
      // Of a browser without a cookie of its own, no cookie is ever right: its session decides.
      browserBindingHash: hashSecret(browser ?? state),
      expiresAt: after(now, SIGN_IN_SECONDS),
      createdAt: now,
    },
  });
  return url;
}

export const placeOfSignIn = (id: string): string => `pending_provider_authorization/${id}`;
