// A client in a sentence. A self-reported name is always quoted, so that it cannot pass for words of ours.
import { names } from './client-texts.ts';

export function clientTitle(client: { name: string | null; verifiedHost: string | null }): string {
  if (client.verifiedHost) return client.verifiedHost;
  return client.name ? `“${client.name}”` : names.unverified;
}

/** The same inside a sentence. */
export function clientPhrase(client: { name: string | null; verifiedHost: string | null }): string {
  return client.verifiedHost || client.name ? clientTitle(client) : names.thisUnverified;
}
