/** Why a provider cannot be used, in words for the person who would sign in. Never the provider's own words (SECURITY #209). */
import type { DiscoveryRefusal } from './discover.ts';

/** `unreachable` passes by itself; `needs_client` asks the owner for a client; `refused` asks the owner for a change. */
export type ProviderRefusal = { kind: 'unreachable' | 'refused' | 'needs_client' | 'not_found'; message: string };

const SENTENCES = {
  not_found: ['not_found', 'There is no such sign-in here.'],
  unreachable: ['unreachable', 'The server or its sign-in does not answer now. Try again in a moment.'],
  still_ending: [
    'unreachable',
    'The provider is being told at this moment that your last sign-in ended. Try again in a moment.',
  ],
  redirects: ['refused', 'The server answers from another address. Put the final address into the connection.'],
  not_mcp: ['refused', 'What answers at this address is not an MCP server that Grantway can speak to.'],
  refused_url: ['refused', 'The address of the server is one that this gateway does not reach.'],
  mismatch: ['refused', 'The server says that it is another one than its address. Signing in there would not be safe.'],
  open: ['refused', 'The server does not ask for sign-in. The connection can do without one.'],
  no_provider: ['refused', 'The server asks for sign-in and does not say where.'],
  broken_metadata: [
    'refused',
    'The sign-in that the server names does not describe itself in a way that can be trusted.',
  ],
  moved: [
    'refused',
    'The server no longer signs in at the provider that this connection is set up for. Choose the provider anew.',
  ],
  no_pkce: [
    'refused',
    'The provider does not say that it protects sign-ins against theft (PKCE with S256). The owner of the connection can allow it all the same.',
  ],
  needs_client: [
    'needs_client',
    'The provider does not let Grantway register by itself. The owner of the connection has to enter a client ID and secret.',
  ],
  registration_refused: [
    'refused',
    'The provider did not let Grantway register. The owner of the connection can enter a client ID and secret instead.',
  ],
} as const satisfies Record<string, readonly [ProviderRefusal['kind'], string]>;

export function say(what: keyof typeof SENTENCES): ProviderRefusal {
  const [kind, message] = SENTENCES[what];
  return { kind, message };
}

/** A look that found no provider, as a refusal. */
export const refusalOf = (refusal: DiscoveryRefusal): ProviderRefusal => say(refusal.kind);
