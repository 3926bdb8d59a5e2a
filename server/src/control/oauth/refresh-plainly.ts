/** Most refreshes are nothing but a refresh: those are answered from one statement. What is anything else, the token endpoint decides. */
import { connectPrefix } from '../../core/connections/resource.ts';
import type { Fields } from '../../platform/http/form.ts';
import { about } from '../../platform/request-under-way.ts';
import { hashSecret } from '../../platform/secret.ts';
import { tracer } from '../../platform/span.ts';
import { readCredentials } from './client-credentials.ts';
import { mint, type Tokens } from './mint.ts';
import { namedResource } from './resource.ts';
import type { OAuthServer } from './server.ts';

/** A request to the token endpoint; `bucket` is what a limit by address counts as one. */
export type TokenRequest = { fields: Fields; authorization: string | undefined; path: string; bucket: string };

/**
 * The tokens of a refresh in which everything is as it should be; null for any other request, and where the database did not do it.
 * Nothing is changed then, and nothing is said of why: the token endpoint looks at the request as if this had not been tried. (Where an
 * answer of the database was lost it finds a token that was used a moment ago, and gives its successor.)
 */
export async function refreshPlainly(server: OAuthServer, request: TokenRequest): Promise<Tokens | null> {
  const { fields } = request;
  const refreshToken = fields.get('refresh_token');
  if (fields.get('grant_type') !== 'refresh_token' || refreshToken === undefined || fields.repeated.size > 0)
    return null;
  const credentials = readCredentials(request.authorization, fields);
  // An assertion is used up by being looked at.
  if (!credentials.ok || credentials.value.assertion !== undefined) return null;
  const { clientId, method, secret } = credentials.value;
  const resource = namedResource(server.config.url, request.path, fields);
  if (!resource.ok) return null;
  const prefix = connectPrefix(server.config.url);
  if (resource.value !== null && !resource.value.startsWith(prefix)) return null;
  // As the full way names its step; of one that comes to nothing nobody hears.
  const span = tracer.startSpan('token refresh_token');
  try {
    const refreshed = await server.refreshPlainly({
      refreshToken,
      clientId,
      method,
      secretHash: secret === undefined ? '' : hashSecret(secret),
      bucket: request.bucket,
      route: resource.value?.slice(prefix.length) ?? '',
      scopes: scopesOf(fields) ?? [],
    });
    if (refreshed === null) return null;
    const tokens = await mint(server, refreshed);
    server.metrics?.refresh('rotated');
    about({ grantType: 'refresh_token', outcome: 'issued' });
    span.end();
    return tokens;
  } catch (error) {
    server.log.warn({ err: error }, 'a refresh goes the long way');
    return null;
  }
}

/** The scopes asked for at a refresh; undefined: the grant's. offline_access is accepted everywhere and changes nothing. */
export function scopesOf(fields: Fields): string[] | undefined {
  const scopes = (fields.get('scope') ?? '').split(' ').filter((scope) => scope !== '' && scope !== 'offline_access');
  return scopes.length > 0 ? [...new Set(scopes)] : undefined;
}
