/** Where a provider sends people back to: the state is checked before anything changes, and what it leads to happens once. */
import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import { type Completion, completeSignIn, failSignIn } from '../../core/authorizations/complete.ts';
import { connectionPage } from '../../core/connections/resource.ts';
import type { ViewerOf } from '../../core/people/viewer.ts';
import { accountOf } from '../../core/providers/account.ts';
import type { ProviderDeps } from '../../core/providers/deps.ts';
import { type CallbackFailure, exchangeCode, revokeToken } from '../../core/providers/exchange.ts';
import { findSignIn, isSamePerson, openSecret, type PendingSignIn, takeSignIn } from '../../core/providers/pending.ts';
import { type Provider, providerOfClient } from '../../core/providers/provider.ts';
import type { ProviderTokens } from '../../core/providers/token-answer.ts';
import { refusesToken } from '../../core/providers/try-token.ts';
import { browserCookieName, readCookie } from '../../platform/http/cookie.ts';
import { isPrefetch, NO_STORE, seeOther } from '../../platform/http/reply.ts';
import {
  expiredSignIn,
  failedSignIn,
  goneSignIn,
  otherBrowser,
  providerAway,
  unknownSignIn,
  usedSignIn,
} from './pages.ts';
import { tell } from './tell.ts';

export type CallbackDeps = { config: Config; providers: ProviderDeps; viewerOf: ViewerOf };

type Returned = { path: string; state: string; parameters: URLSearchParams };

/** `GET /oauth/provider/callback/{provider}`, and without a provider for clients of before (RFC 6749 §4.1.2, RFC 9207). */
export const callback =
  (deps: CallbackDeps) =>
  async (c: Context): Promise<Response> => {
    if (isPrefetch(c.req.raw)) return new Response(null, { status: 204, headers: NO_STORE });
    const parameters = new URL(c.req.url).searchParams;
    const [state, ...more] = parameters.getAll('state');
    const signIn = state === undefined || more.length > 0 ? null : await findSignIn(deps.providers.database, state);
    if (!signIn || state === undefined) return unknownSignIn();
    if (!(await isItsBrowser(deps, c, signIn))) return otherBrowser();
    if (signIn.status !== 'pending') return usedSignIn();
    if (signIn.expiresAt <= deps.providers.clock()) return expiredSignIn();
    return redeem(deps, signIn, { path: c.req.path, state, parameters });
  };

async function isItsBrowser({ config, viewerOf }: CallbackDeps, c: Context, signIn: PendingSignIn): Promise<boolean> {
  const viewer = await viewerOf(c.req.raw.headers);
  if (!viewer) return false;
  const browser = readCookie(c.req.header('cookie'), browserCookieName(config.url));
  return isSamePerson(signIn, { userId: viewer.userId, sessionId: viewer.sessionId, browser });
}

async function redeem(deps: CallbackDeps, signIn: PendingSignIn, returned: Returned): Promise<Response> {
  const { providers } = deps;
  const secret = await openSecret(providers.keyring, signIn);
  const provider = await providerOfClient(providers, secret.providerClientId);
  // Before anything is taken: while the provider does not even describe itself, the same address can be loaded again.
  if (!provider.ok && provider.reason.kind === 'unreachable') return providerAway();
  if (!(await takeSignIn(providers.database, signIn))) return usedSignIn();
  if (!provider.ok) return fail(deps, signIn, { kind: 'unusable', because: 'it is no longer known here' });
  const exchanged = await exchangeCode(providers, provider.value, returned, secret);
  if (!exchanged.ok) return fail(deps, signIn, exchanged.reason);
  const tokens = exchanged.value;
  const [account, isRefused] = await Promise.all([
    accountOf(providers, provider.value, tokens),
    refusesToken(providers, signIn, tokens.accessToken),
  ]);
  if (!isRefused) return keep(deps, provider.value, { signIn, secret, tokens, account });
  // Nobody would be told that it works while every call is refused (field note C31).
  await discard(providers, provider.value, tokens);
  return fail(deps, signIn, { kind: 'not_taken' });
}

async function keep(deps: CallbackDeps, provider: Provider, completion: Completion): Promise<Response> {
  const { config, providers } = deps;
  const { keyring, clock, database } = providers;
  const settings = { issuer: config.url, codeLifetime: config.lifetimes.code, keyring, clock };
  try {
    const completed = await completeSignIn(database, completion, settings);
    if (!completed.ok) return goneSignIn();
    return seeOther(completed.value.redirectTo ?? pageOf(config, completion.signIn, 'connected'));
  } catch (error) {
    // Nothing could be written, the outbox included: what the provider gave is ended now, or never.
    await discard(providers, provider, completion.tokens);
    throw error;
  }
}

/** Ends at the provider what is not kept. */
async function discard(providers: ProviderDeps, provider: Provider, { accessToken, refreshToken }: ProviderTokens) {
  if (refreshToken === null) await revokeToken(providers, provider, accessToken, 'access_token');
  else await revokeToken(providers, provider, refreshToken, 'refresh_token');
}

/** The client hears of it where one waits; else the person does, on the page of the connection. */
async function fail(deps: CallbackDeps, signIn: PendingSignIn, failure: CallbackFailure): Promise<Response> {
  const { config, providers } = deps;
  const told = tell(failure);
  providers.log.warn({ connectionId: signIn.connectionId, reason: told.reason }, 'a sign-in at a provider failed');
  const settings = { issuer: config.url, clock: providers.clock };
  const { redirectTo } = await failSignIn(providers.database, signIn, told, settings);
  if (redirectTo !== null) return seeOther(redirectTo);
  if (signIn.authorizationRequestId !== null) return failedSignIn(told.description);
  return seeOther(pageOf(config, signIn, told.error === 'access_denied' ? 'denied' : 'failed'));
}

const pageOf = ({ url }: Config, { connectionId }: PendingSignIn, outcome: string): string =>
  `${connectionPage(url, connectionId)}?provider=${outcome}`;
