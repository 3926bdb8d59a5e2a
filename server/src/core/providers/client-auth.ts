/** How we authenticate at a provider's token endpoint. */
import * as oauth from 'oauth4webapi';
import type { SealedClient } from '../connections/provider-client.ts';

export function clientAuthOf({ authMethod, clientSecret }: SealedClient): oauth.ClientAuth {
  if (authMethod === 'none' || clientSecret === null) return oauth.None();
  return authMethod === 'client_secret_post' ? oauth.ClientSecretPost(clientSecret) : basic(clientSecret);
}

/**
 * RFC 6749 §2.3.1 wants id and secret form-encoded. The library's own encodes hyphens and dots too, which many servers that never
 * decode take for another client; this leaves alone what the form encoding may leave alone, so both kinds understand it (SECURITY #222).
 */
const basic =
  (secret: string): oauth.ClientAuth =>
  (_server, client, _body, headers) => {
    const pair = `${formEncoded(client.client_id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  };

const formEncoded = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()~]/g, hexOf)
    .replace(/%20/g, '+');
const hexOf = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
