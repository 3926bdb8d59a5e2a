/** How an MCP server describes itself as a protected resource (RFC 9728), and which of the places it may say so in come first. */
import { z } from 'zod';
import { shownLine } from '../../platform/shown-text.ts';
import { canonicalResource } from '../connections/resource.ts';
import { readScopes } from './challenge.ts';
import type { ProviderDeps } from './deps.ts';

export type ResourceMetadata = {
  /** As the server writes it: what is sent as `resource` (RFC 8707). */
  resource: string;
  /** What the server calls itself, for people. Null when it does not say. */
  name: string | null;
  issuers: string[];
  /** What the server knows. A person may choose of them; they are never asked for by themselves. */
  scopesOffered: string[];
};

const MAX_ISSUERS = 5;

const DOCUMENT = z.object({
  resource: z.string().max(2_048),
  resource_name: z.string().max(2_048).nullish().catch(null),
  authorization_servers: z.array(z.string().max(2_048)).default([]),
  scopes_supported: z.array(z.string()).default([]),
});

/**
 * Looks where the challenge points, then at the well-known address of the path, then at that of the origin (RFC 9728 §3.1), and takes
 * the first document there is. `mismatch` when it speaks of another resource (§3.3); null when there is none anywhere.
 */
export async function readResourceMetadata(
  { fetch }: Pick<ProviderDeps, 'fetch'>,
  remoteUrl: string,
  pointed: string | null,
  signal: AbortSignal,
): Promise<ResourceMetadata | 'mismatch' | null> {
  for (const address of addressesOf(remoteUrl, pointed)) {
    const document = await fetchDocument(fetch, address, signal);
    if (!document) continue;
    if (!speaksOf(document.resource, remoteUrl)) return 'mismatch';
    return {
      resource: document.resource,
      name: shownLine(document.resource_name ?? '', 80) || null,
      issuers: [...new Set(document.authorization_servers)].slice(0, MAX_ISSUERS),
      scopesOffered: readScopes(document.scopes_supported.join(' ')),
    };
  }
  return null;
}

function addressesOf(remoteUrl: string, pointed: string | null): string[] {
  const { origin, pathname, search } = new URL(remoteUrl);
  const root = `${origin}/.well-known/oauth-protected-resource`;
  const path = pathname.replace(/\/$/, '');
  const known = path === '' && search === '' ? [root] : [root + path + search, root];
  return [...new Set(pointed === null ? known : [pointed, ...known])];
}

async function fetchDocument(fetch: ProviderDeps['fetch'], address: string, signal: AbortSignal) {
  try {
    const response = await fetch(address, { headers: { accept: 'application/json' }, signal });
    return response.status === 200 ? DOCUMENT.parse(await response.json()) : null;
  } catch {
    // Elsewhere there may be one.
    return null;
  }
}

/**
 * Whether a document's `resource` is this server: the same address, or one above it on the same origin, as a server with several
 * endpoints describes itself. Another origin's would get us a token for somebody else (SECURITY #210).
 */
function speaksOf(resource: string, remoteUrl: string): boolean {
  const said = canonicalResource(resource);
  const own = canonicalResource(remoteUrl.replace(/\?.*$/, ''));
  if (resource === remoteUrl) return true;
  return said !== null && own !== null && (own === said || own.startsWith(`${said}/`));
}
