/** Dynamic registration (RFC 7591): how a client that nobody knows becomes one with an id. */
import type { Database } from '../../platform/database.ts';
import { CLIENT_SECRET, hashSecret, newHandle, newSecret, REGISTRATION_TOKEN } from '../../platform/secret.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Client } from './find.ts';
import type { ClientMetadata } from './metadata.ts';

/** The secrets are here and nowhere else: the row has their digests. */
export type Registered = { client: Client; clientSecret: string | null; registrationToken: string };

/**
 * Registers a client. Each registration is a client of its own: the same name and redirect URIs do not prove the same client
 * (field note D32). Does not check the metadata (`readMetadata` did), nor how often it is asked.
 * @throws Unavailable
 */
export async function registerClient(database: Database, metadata: ClientMetadata, now: Date): Promise<Registered> {
  // RFC 7591 §2: the default is client_secret_basic. Only a client that can keep a secret gets one (field note D34).
  const tokenEndpointAuthMethod = metadata.tokenEndpointAuthMethod ?? 'client_secret_basic';
  const clientSecret = tokenEndpointAuthMethod === 'none' ? null : newSecret(CLIENT_SECRET);
  const registrationToken = newSecret(REGISTRATION_TOKEN);
  const client = await transact(database, async (tx) => {
    const created = await tx.oAuthClient.create({
      data: {
        ...metadata,
        // Never a URL: those ids belong to metadata documents.
        clientId: `client_${newHandle()}`,
        kind: 'dynamic',
        tokenEndpointAuthMethod,
        secretHash: clientSecret && hashSecret(clientSecret),
        registrationTokenHash: hashSecret(registrationToken),
        createdAt: now,
      },
    });
    await record(tx, now, { kind: 'client.registered', oauthClientId: created.id, detail: { name: created.name } });
    return created;
  });
  return { client, clientSecret, registrationToken };
}
