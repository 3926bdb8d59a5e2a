/** What a client is told about its registration (RFC 7591 §3.2.1, RFC 7592 §3). */
import type { Client } from '../../core/clients/find.ts';

/** The secrets that only this answer shows. */
export type ShownSecrets = { registrationToken: string; clientSecret: string | null };

/** Everything that was registered, as it was registered: strict clients act on what is here alone (field notes D34, D35). */
export function registrationBody(base: string, client: Client, shown: ShownSecrets): Record<string, unknown> {
  const optional = {
    client_name: client.name,
    client_uri: client.clientUri,
    application_type: client.applicationType,
    software_id: client.softwareId,
    software_version: client.softwareVersion,
    scope: client.scopes.length > 0 ? client.scopes.join(' ') : null,
  };
  return {
    ...(client.metadata as Record<string, unknown>),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
    client_id: client.clientId,
    client_id_issued_at: Math.floor(client.createdAt.getTime() / 1000),
    // RFC 7591 §3.2.1: 0 means that it does not expire.
    ...(shown.clientSecret === null ? {} : { client_secret: shown.clientSecret, client_secret_expires_at: 0 }),
    redirect_uris: client.redirectUris,
    grant_types: client.grantTypes,
    response_types: client.responseTypes,
    token_endpoint_auth_method: client.tokenEndpointAuthMethod,
    registration_access_token: shown.registrationToken,
    registration_client_uri: `${base}/oauth/register/${client.clientId}`,
  };
}
