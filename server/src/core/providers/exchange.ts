/** The token requests to a provider: code for tokens, a refresh, an end. All over the network, none inside a transaction. */
import * as oauth from 'oauth4webapi';
import { ok, type Result, refused } from '../../platform/result.ts';
import type { SignInSecret } from './authorize.ts';
import { type ProviderDeps, requestOptions } from './deps.ts';
import { forgetProvider, type Provider } from './provider.ts';
import { failureOf, type ProviderTokens, plainAnswer, readTokens, type TokenFailure } from './token-answer.ts';

export type Exchanged = ProviderTokens & { idToken: oauth.IDToken | null };

export type CallbackFailure =
  | TokenFailure
  | { kind: 'provider_error'; error: string }
  /** The provider gave a token, and its MCP server does not take it. */
  | { kind: 'not_taken' };

/**
 * Checks what the browser brought back (that it came to this provider's own callback, and by RFC 9207: `iss` where the provider says
 * that it sends it, and always right where it is there; SECURITY #216) and redeems the code, once. An ID token that was asked for is validated; it came straight from the token endpoint over TLS, which
 * stands for its signature (OpenID Connect Core §3.1.3.7). Does not check whose browser it is.
 */
export async function exchangeCode(
  deps: ProviderDeps,
  provider: Provider,
  callback: { path: string; parameters: URLSearchParams; state: string },
  secret: SignInSecret,
): Promise<Result<Exchanged, CallbackFailure>> {
  const { server, client, clientAuth } = provider;
  if (callback.path !== new URL(provider.redirectUri).pathname) return refused(NOT_ITS_ANSWER);
  let parameters: URLSearchParams;
  try {
    parameters = oauth.validateAuthResponse(server, client, callback.parameters, callback.state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      return refused({
        kind: 'provider_error',
        error: /^[a-z_]{1,60}$/.test(error.error) ? error.error : 'unknown_error',
      });
    }
    return refused(NOT_ITS_ANSWER);
  }
  try {
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      clientAuth,
      parameters,
      provider.redirectUri,
      secret.verifier,
      { ...requestOptions(deps), ...resourceParameter(secret.resource) },
    );
    const plain = await plainAnswer(response, secret.nonce !== null);
    // A provider that does not do OpenID Connect gives none, whatever it was asked for.
    const checks = plain.hasIdToken && secret.nonce !== null ? { expectedNonce: secret.nonce } : {};
    const answer = await oauth.processAuthorizationCodeResponse(server, client, plain.response, checks);
    const tokens = readTokens(answer, response.headers.get('date'), deps.clock());
    return tokens.ok ? ok({ ...tokens.value, idToken: oauth.getValidatedIdTokenClaims(answer) ?? null }) : tokens;
  } catch (error) {
    return refused(await failed(deps, provider, error));
  }
}

const NOT_ITS_ANSWER = { kind: 'unusable' as const, because: 'its answer does not belong to this sign-in' };

/** Asks for fresh tokens (RFC 6749 §6). An ID token that comes along is not looked at. */
export async function refreshTokens(
  deps: ProviderDeps,
  provider: Provider,
  refreshToken: string,
  resource: string | null,
): Promise<Result<ProviderTokens, TokenFailure>> {
  const { server, client, clientAuth } = provider;
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, clientAuth, refreshToken, {
      ...requestOptions(deps),
      ...resourceParameter(resource),
    });
    const plain = await plainAnswer(response, false);
    const answer = await oauth.processRefreshTokenResponse(server, client, plain.response);
    return readTokens(answer, response.headers.get('date'), deps.clock());
  } catch (error) {
    return refused(await failed(deps, provider, error));
  }
}

/** A provider that no longer knows us as its client: the next sign-in registers anew, else it would end on a page of the provider's. */
async function failed(deps: ProviderDeps, { providerClientId }: Provider, error: unknown): Promise<TokenFailure> {
  const failure = failureOf(error);
  if (failure.kind === 'refused' && failure.error === 'invalid_client') await forgetProvider(deps, providerClientId);
  return failure;
}

/** Ends a token at the provider (RFC 7009). @returns whether there is nothing more to try: it is ended, or never will be. */
export async function revokeToken(
  deps: ProviderDeps,
  { server, client, clientAuth }: Provider,
  token: string,
  hint: 'refresh_token' | 'access_token',
): Promise<'revoked' | 'refused' | 'later'> {
  try {
    const response = await oauth.revocationRequest(server, client, clientAuth, token, {
      ...requestOptions(deps),
      additionalParameters: { token_type_hint: hint },
    });
    // Any 2xx: some answer 204.
    if (response.ok) return 'revoked';
    return response.status === 429 || response.status >= 500 ? 'later' : 'refused';
  } catch {
    return 'later';
  }
}

const resourceParameter = (resource: string | null) =>
  resource === null ? {} : { additionalParameters: { resource } };
