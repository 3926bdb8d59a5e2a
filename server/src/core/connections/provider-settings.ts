/** How a connection signs in at a provider: what its owner may say of that, and how it is kept. */
import type { AuthMode, Prisma } from '@grantway/prisma/client';
import type { AllowList } from '../../platform/http/address-guard.ts';
import { checkUpstreamUrl } from '../../platform/http/upstream-url.ts';
import { ok, type Result } from '../../platform/result.ts';
import type { ManagedConnection } from './manageable.ts';
import { type Invalid, invalid } from './refusal.ts';

export type Parameter = { name: string; value: string };

/** What is absent stays as it is; what is empty goes back to what the server says of itself. */
export type ProviderInput = {
  providerIssuer?: string | undefined;
  providerResource?: string | undefined;
  providerScopes?: readonly string[] | undefined;
  providerAuthorizeParameters?: readonly Parameter[] | undefined;
  providerPkceUnannounced?: boolean | undefined;
};

export type ProviderColumns = Pick<
  ManagedConnection,
  'providerIssuer' | 'providerResource' | 'providerScopes' | 'providerScopesSource' | 'providerPkceUnannounced'
> & { providerAuthorizeParameters: Prisma.JsonObject };

/** All of them are material: another one is another sign-in, or another extent of it. */
export const PROVIDER_COLUMNS = [
  'providerIssuer',
  'providerResource',
  'providerScopes',
  'providerAuthorizeParameters',
  'providerPkceUnannounced',
] as const satisfies (keyof ProviderColumns & keyof ProviderInput)[];

const NONE: ProviderColumns = {
  providerIssuer: null,
  providerResource: null,
  providerScopes: [],
  providerScopesSource: null,
  providerAuthorizeParameters: {},
  providerPkceUnannounced: false,
};

const MAX_SCOPES = 50;
const MAX_PARAMETERS = 10;
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;
/** What makes the authorization request ours and safe is not for anyone to set. */
const RESERVED =
  /^(response_type|response_mode|client_id|client_secret|redirect_uri|scope|state|nonce|code|code_challenge.*|code_verifier|resource|iss|request|request_uri)$/;

export const usesProvider = (mode: AuthMode): boolean => mode === 'oauth_dynamic' || mode === 'oauth_static';

/** What is kept for a connection of this mode that had `before`; null for a new one. A connection without a provider keeps nothing. */
export function checkProvider(
  mode: AuthMode,
  before: ProviderColumns | null,
  input: ProviderInput,
  allow: AllowList,
): Result<ProviderColumns, Invalid> {
  if (!usesProvider(mode)) {
    const given = PROVIDER_COLUMNS.find((name) => input[name] && String(input[name]) !== '');
    return given ? invalid(given, 'This is for connections that sign in with a provider.') : ok(NONE);
  }
  const had = before ?? NONE;
  const issuer = input.providerIssuer === undefined ? ok(had.providerIssuer) : checkIssuer(input.providerIssuer, allow);
  if (!issuer.ok) return issuer;
  const resource =
    input.providerResource === undefined ? ok(had.providerResource) : checkResource(input.providerResource);
  if (!resource.ok) return resource;
  const scopes = input.providerScopes === undefined ? ok(had.providerScopes) : checkScopes(input.providerScopes);
  if (!scopes.ok) return scopes;
  const parameters =
    input.providerAuthorizeParameters === undefined
      ? ok(had.providerAuthorizeParameters as Record<string, string>)
      : checkParameters(input.providerAuthorizeParameters);
  if (!parameters.ok) return parameters;
  const source = scopes.value.length > 0 ? 'manual' : 'challenge';
  // The database keeps an object in an order of its own: the same parameters are no change.
  const kept = isSame(parameters.value, had.providerAuthorizeParameters)
    ? had.providerAuthorizeParameters
    : parameters.value;
  return ok({
    providerIssuer: issuer.value,
    providerResource: resource.value,
    providerScopes: scopes.value,
    providerScopesSource: source,
    providerAuthorizeParameters: kept,
    providerPkceUnannounced: input.providerPkceUnannounced ?? had.providerPkceUnannounced,
  });
}

const isSame = (one: object, other: object): boolean => {
  const inOrder = (object: object) => JSON.stringify(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return inOrder(one) === inOrder(other);
};

/** As written: an issuer is compared byte for byte (RFC 9207 §2.4). */
function checkIssuer(text: string, allow: AllowList): Result<string | null, Invalid> {
  const issuer = text.trim();
  if (issuer === '') return ok(null);
  const url = checkUpstreamUrl(issuer, allow);
  if (!url.ok) return invalid('providerIssuer', url.reason);
  return url.value.search === '' ? ok(issuer) : invalid('providerIssuer', 'The address of a provider has no query.');
}

/** An absolute URI without fragment (RFC 8707 §2); not fetched, so it may be anybody's. */
function checkResource(text: string): Result<string | null, Invalid> {
  const resource = text.trim();
  if (resource === '') return ok(null);
  const fine = resource.length <= 2_048 && /^[a-z][a-z0-9+.-]*:[\x21\x23-\x7e]+$/i.test(resource);
  if (!fine || !URL.canParse(resource) || resource.includes('#')) {
    return invalid('providerResource', 'A resource is an absolute URI without a fragment.');
  }
  return ok(resource);
}

function checkScopes(given: readonly string[]): Result<string[], Invalid> {
  const scopes = [...new Set(given.flatMap((text) => text.split(/\s+/)).filter((scope) => scope !== ''))];
  if (scopes.length > MAX_SCOPES) return invalid('providerScopes', `At most ${MAX_SCOPES} scopes, please.`);
  const wrong = scopes.some((scope) => !SCOPE.test(scope));
  return wrong
    ? invalid('providerScopes', 'A scope is made of printable characters without quotes or backslashes.')
    : ok(scopes);
}

function checkParameters(given: readonly Parameter[]): Result<Record<string, string>, Invalid> {
  const field = 'providerAuthorizeParameters';
  if (given.length > MAX_PARAMETERS) return invalid(field, `At most ${MAX_PARAMETERS} parameters, please.`);
  const checked: [string, string][] = [];
  for (const { name, value } of given) {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) return invalid(field, 'A parameter name is made of letters and digits.');
    if (RESERVED.test(name)) return invalid(field, `The parameter ${name} is set by the gateway itself.`);
    if (checked.some(([known]) => known === name)) return invalid(field, `The parameter ${name} is given twice.`);
    if (!/^[\x20-\x7e]{1,500}$/.test(value))
      return invalid(field, `The value of ${name} is empty, too long or unusual.`);
    checked.push([name, value]);
  }
  return ok(Object.fromEntries(checked));
}
