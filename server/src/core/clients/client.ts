/** What an OAuth client says of itself. */
import { createHash } from 'node:crypto';
import { MCP_ACCESS, OFFLINE_ACCESS, SUPPORTED_SCOPES } from '../grants/scopes.ts';

/** The part of a client's metadata that consent shows and grants depend on. */
export type ClientFace = {
  clientId: string;
  name: string | null;
  redirectUris: readonly string[];
  scopes: readonly string[];
  grantTypes: readonly string[];
  responseTypes: readonly string[];
};

/** A digest of what a person is shown of a client: another digest at approval means that something else was shown. */
export const clientDigest = (client: ClientFace): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        client.clientId,
        client.name,
        client.redirectUris,
        client.scopes,
        client.grantTypes,
        client.responseTypes,
      ]),
    )
    .digest('base64url');

/**
 * The scopes that a client may be granted: those that it registered, and `mcp:access` always, because without it no client is of use here
 * (many register the scopes of sign-in alone); all, where it registered none.
 */
export function allowedScopes(registered: readonly string[]): readonly string[] {
  const named = registered.filter((scope) => scope !== OFFLINE_ACCESS);
  return named.length > 0
    ? [...new Set([MCP_ACCESS, ...named])]
    : SUPPORTED_SCOPES.filter((scope) => scope !== OFFLINE_ACCESS);
}
