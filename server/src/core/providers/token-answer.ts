/** What a provider's token endpoint answers, read with suspicion: bounded, bearer only, and never quoted. */
import * as oauth from 'oauth4webapi';
import { after } from '../../platform/clock.ts';
import { ok, type Result, refused } from '../../platform/result.ts';

/** What a provider gave. Its texts go into sealed rows and upstream requests, nowhere else. */
export type ProviderTokens = {
  accessToken: string;
  /** Null where none came with this answer: one that is stored stays. */
  refreshToken: string | null;
  /** As granted; null where the answer does not say, which means as asked for (RFC 6749 §5.1). */
  scopes: string[] | null;
  /** Null where the provider does not say how long: it is then used until it is refused. */
  expiresAt: Date | null;
  /** By the provider's clock where it says so, so that of two answers the later issued one can be told. */
  issuedAt: Date;
};

export type TokenFailure =
  /** The provider says no, by an OAuth error code (RFC 6749 §5.2). */
  | { kind: 'refused'; error: string }
  /** It did not answer, or says that it cannot now: trying again may help. */
  | { kind: 'transient'; retryAfter: number | null }
  /** It answered something that is not used here. `because` is a text of ours. */
  | { kind: 'unusable'; because: string };

/** A year: longer than any access token should live, and far from where dates end. */
const MAX_LIFETIME_SECONDS = 366 * 86_400;
const MAX_TOKEN_LENGTH = 16_384;

/**
 * Makes one shape of what providers send: form-encoded answers (GitHub without `Accept`), errors in a 200, lifetimes that are texts,
 * missing, negative or absurd. @returns the answer as `oauth4webapi` expects it, and whether an ID token is in it. Does not check more.
 */
export async function plainAnswer(
  response: Response,
  keepIdToken: boolean,
): Promise<{ response: Response; hasIdToken: boolean }> {
  const body = await readFields(response);
  if (body === null) {
    const { status, headers } = response;
    return { response: new Response(null, { status, headers }), hasIdToken: false };
  }
  const lifetime = Number(body.expires_in);
  // Without a sane lifetime the token is used until it is refused.
  if (Number.isFinite(lifetime) && lifetime > 0) body.expires_in = Math.min(lifetime, MAX_LIFETIME_SECONDS);
  else delete body.expires_in;
  if (body.refresh_token === '' || body.refresh_token === null) delete body.refresh_token;
  if (body.scope === null) delete body.scope;
  if (!keepIdToken) delete body.id_token;
  const isError = response.status === 200 && typeof body.error === 'string';
  const headers = new Headers({ 'content-type': 'application/json' });
  for (const name of ['date', 'retry-after']) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const status = isError ? 400 : response.status;
  return { response: new Response(JSON.stringify(body), { status, headers }), hasIdToken: body.id_token !== undefined };
}

async function readFields(response: Response): Promise<Record<string, unknown> | null> {
  const text = await response.text();
  if (/^application\/x-www-form-urlencoded\b/i.test(response.headers.get('content-type') ?? '')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : null;
  } catch {
    return null;
  }
}

/** Reads a token answer that `oauth4webapi` has accepted. Only bearer tokens are used: no other is sent upstream as it should be. */
export function readTokens(
  answer: oauth.TokenEndpointResponse,
  date: string | null,
  now: Date,
): Result<ProviderTokens, TokenFailure> {
  if (answer.token_type !== 'bearer') return unusable('it gave a token that is not a bearer token');
  const { access_token: accessToken, refresh_token: refreshToken = null } = answer;
  // It becomes a header of an upstream request.
  if (!isSendable(accessToken) || (refreshToken !== null && refreshToken.length > MAX_TOKEN_LENGTH)) {
    return unusable('it gave a token that cannot be sent');
  }
  return ok({
    accessToken,
    refreshToken,
    scopes: answer.scope === undefined ? null : readScopes(answer.scope),
    expiresAt: answer.expires_in === undefined ? null : after(now, answer.expires_in),
    issuedAt: issuedAt(date, now),
  });
}

// Of a token no more is asked than that it makes one header: providers do not all keep to RFC 6750 §2.1.
const isSendable = (token: string): boolean => token.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(token);

/** Some providers separate scopes by commas. */
const readScopes = (scope: string): string[] => [
  ...new Set(
    scope
      .slice(0, 4_096)
      .split(/[\s,]+/)
      .filter((one) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one)),
  ),
];

const MAX_SKEW_MS = 300_000;

/** What the provider's `Date` says, unless its clock is far from ours. */
function issuedAt(date: string | null, now: Date): Date {
  const said = date === null ? Number.NaN : Date.parse(date);
  return Math.abs(said - now.getTime()) <= MAX_SKEW_MS ? new Date(said) : now;
}

const unusable = (because: string) => refused<TokenFailure>({ kind: 'unusable', because });

/** What went wrong, without a word of the provider's but its error code: its texts may hold tokens (SECURITY #209). */
export function failureOf(error: unknown): TokenFailure {
  if (error instanceof oauth.ResponseBodyError) {
    const { status, headers } = error.response;
    // GitHub's words for a code and a refresh token that are no longer good.
    const code = /^bad_(refresh_token|verification_code)$/.test(error.error) ? 'invalid_grant' : error.error;
    if (status === 429 || status >= 500 || /^(temporarily_unavailable|server_error|slow_down)$/.test(code)) {
      return { kind: 'transient', retryAfter: retryAfterOf(headers) };
    }
    return { kind: 'refused', error: plainCode(code) };
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return { kind: 'refused', error: 'invalid_client' };
  if (error instanceof oauth.OperationProcessingError) {
    const { cause } = error;
    if (cause instanceof Response && (cause.status === 429 || cause.status >= 500)) {
      return { kind: 'transient', retryAfter: retryAfterOf(cause.headers) };
    }
    return { kind: 'unusable', because: 'its answer could not be used' };
  }
  if (error instanceof oauth.UnsupportedOperationError) {
    return { kind: 'unusable', because: 'it gave a token that is not a bearer token' };
  }
  // Of the network, or of the guard: a deadline, a refused address, an answer too large.
  return { kind: 'transient', retryAfter: null };
}

const plainCode = (code: string): string => (/^[a-z0-9_.-]{1,60}$/i.test(code) ? code : 'unknown_error');

function retryAfterOf(headers: Headers): number | null {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.ceil(seconds), 300) : null;
}
