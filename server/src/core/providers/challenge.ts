/** What an MCP server asks for when it refuses: its `WWW-Authenticate` challenge (RFC 6750 §3, RFC 9728 §5.1). Pure. */
import * as oauth from 'oauth4webapi';

export type Challenge = {
  /** Where the server describes itself; null when it does not say. */
  resourceMetadata: string | null;
  /** The scopes that this request needs; null when it does not say. */
  scopes: string[] | null;
  /** RFC 6750 §3.1: such as `insufficient_scope`. */
  error: string | null;
};

/** The Bearer challenge of a response; null where there is none, or it cannot be read. Several challenges: the first that says most. */
export async function readChallenge(headers: Headers): Promise<Challenge | null> {
  const bearers = (await parse(headers)).filter(({ scheme }) => scheme === 'bearer');
  const fullest = bearers.find(({ parameters }) => parameters.resource_metadata !== undefined) ?? bearers[0];
  if (!fullest) return null;
  const { resource_metadata: resourceMetadata = null, scope, error = null } = fullest.parameters;
  return { resourceMetadata, scopes: scope === undefined ? null : readScopes(scope), error };
}

/** Scope tokens (RFC 6749 §3.3), each once. What is no token is left out: it would be refused, or end up in a URL. */
export const readScopes = (text: string): string[] => [
  ...new Set(text.split(/\s+/).filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope))),
];

/** The library parses challenges while it processes a refused response, and has no other door to its parser. */
async function parse(headers: Headers): Promise<oauth.WWWAuthenticateChallenge[]> {
  const value = headers.get('www-authenticate');
  if (value === null) return [];
  try {
    await oauth.processRevocationResponse(new Response(null, { status: 401, headers: { 'www-authenticate': value } }));
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.cause;
  }
  return [];
}
