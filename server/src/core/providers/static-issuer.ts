/** The issuer that a client entered by hand belongs to: its credentials are bound to it before they are stored. */
import { ok, type Result, refused } from '../../platform/result.ts';
import type { ProviderDeps } from './deps.ts';
import { discoverProvider, pickServer } from './discover.ts';
import { refusalOf, say } from './refusal.ts';
import { type AuthMethod, authMethodFor } from './register-client.ts';
import { readServerMetadata } from './server-metadata.ts';

type Bound = { issuer: string; authMethod: AuthMethod };

/**
 * Asks the named issuer for its metadata, or, where none is named, the MCP server for its authorization servers, and gives the issuer
 * byte for byte as it writes itself, with the way in which a client with a secret authenticates there. Refused with a sentence.
 */
export async function bindIssuer(
  deps: ProviderDeps,
  remoteUrl: string,
  named: string | null,
): Promise<Result<Bound, string>> {
  if (named !== null) {
    const read = await readServerMetadata(deps, named, AbortSignal.timeout(10_000));
    if (read.ok) return ok({ issuer: read.value.issuer, authMethod: authMethodFor(read.value) });
    return refused(say(read.reason === 'unreachable' ? 'unreachable' : 'broken_metadata').message);
  }
  const discovered = await discoverProvider(deps, remoteUrl);
  if (!discovered.ok) return refused(refusalOf(discovered.reason).message);
  const found = discovered.value.kind === 'open' ? null : pickServer(discovered.value.servers);
  return found
    ? ok({ issuer: found.issuer, authMethod: authMethodFor(found.server) })
    : refused(say('no_provider').message);
}
