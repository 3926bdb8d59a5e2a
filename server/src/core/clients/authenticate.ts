/** Whether a client is who it says, by exactly the method that it registered. */

import { ok, type Result, refused } from '../../platform/result.ts';
import { hashSecret, sameSecret } from '../../platform/secret.ts';
import type { Client } from './find.ts';

export type AuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post';

export const AUTH_METHODS: readonly AuthMethod[] = ['none', 'client_secret_basic', 'client_secret_post'];

/** What a request presented. */
export type Credentials = { clientId: string; method: AuthMethod; secret: string | undefined };

/**
 * Checks credentials against the client of their id. A method other than the registered one is refused although the secret may be
 * right (RFC 7591 §2, RFC 6749 §2.3); an unknown client costs the same comparison as a wrong secret.
 */
export function checkCredentials(
  client: Client | null,
  presented: Credentials,
): Result<Client, 'unknown_client' | 'wrong_credentials'> {
  const right = sameSecret(hashSecret(presented.secret ?? ''), client?.secretHash ?? hashSecret(''));
  if (!client) return refused('unknown_client');
  if (client.tokenEndpointAuthMethod !== presented.method) return refused('wrong_credentials');
  if (presented.method === 'none') return presented.secret === undefined ? ok(client) : refused('wrong_credentials');
  return right && client.secretHash !== null ? ok(client) : refused('wrong_credentials');
}
