/** What the endpoints tell of clients that stumble: after the answer, so that no client waits for it, and never what a thief could use. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { decodeJwt } from 'jose';
import { issuerDifference } from '../../core/authorizations/issuer-difference.ts';
import type { Difference, Trace } from '../../core/authorizations/trace.ts';
import { canonicalResource, connectUrl, findRoute, routeOfResource } from '../../core/connections/resource.ts';
import type { Fields } from '../../platform/http/form.ts';
import { hashSecret } from '../../platform/secret.ts';
import type { UntrustedReason } from './authorize-page.ts';
import type { TrustedReason } from './authorize-parameters.ts';
import { bucketOf } from './rate-limit.ts';
import { namedResource } from './resource.ts';
import type { OAuthServer } from './server.ts';

type Told = Pick<Trace, 'step' | 'problem' | 'clientId'> & { difference?: Difference | undefined };

/** Notes a step of the client that sent this request, at the connection that its path or `resource` names. */
export function tell(server: OAuthServer, c: Context, fields: Fields | null, told: Told): void {
  const { tracer, log } = server;
  const { address, userAgent } = callerOf(server, c);
  connectionOf(server, c.req.path, fields).then(
    (connectionId) => tracer.note({ ...told, connectionId, address, userAgent }),
    (error: unknown) => log.debug({ err: error }, 'a step of a client was not noted'),
  );
}

/** Read while the request is there: what comes after the answer may not find it any more. */
const callerOf = (server: OAuthServer, c: Context) => ({
  address: bucketOf(server, c),
  userAgent: c.req.header('user-agent') ?? null,
});

const NO_FIELDS: Fields = { get: () => undefined, repeated: new Set() } as unknown as Fields;

async function connectionOf(server: OAuthServer, path: string, fields: Fields | null): Promise<string | null> {
  const { url: base } = server.config;
  const named = namedResource(base, path, fields ?? NO_FIELDS);
  if (!named.ok || named.value === null) return null;
  // A client may know us by another address: what follows that says which connection it means.
  const route = routeOfResource(base, named.value) ?? routeOfResource(new URL(named.value).origin, named.value);
  return route ? ((await findRoute(server.database, route))?.connectionId ?? null) : null;
}

const OTHER_ADDRESS =
  'The client knows Grantway by another address than its own. Give it the connect URL as it is shown here.';

/** A `resource` that is ours but for the address of the gateway in it. */
function otherAddress(base: string, resource: string | undefined): Difference | null {
  const canonical = canonicalResource(resource ?? '');
  if (canonical === null) return null;
  const { origin } = new URL(canonical);
  return origin !== new URL(base).origin && routeOfResource(origin, canonical) ? issuerDifference(base, origin) : null;
}

/** The client or its redirect URI was not trusted. */
export async function tellUntrusted(server: OAuthServer, c: Context, fields: Fields, reason: UntrustedReason) {
  const clientId = fields.get('client_id') ?? null;
  const told = await untrusted(server, clientId, reason);
  tell(server, c, fields, { step: 'authorize', clientId, ...told });
}

async function untrusted(
  { database }: OAuthServer,
  clientId: string | null,
  reason: UntrustedReason,
): Promise<{ problem: string; difference?: Difference }> {
  switch (reason.kind) {
    case 'unknown_client':
      return {
        problem:
          'The client presents an id that is not registered here, or not any more. It has to forget it and register anew.',
        difference: { what: 'client_id', expected: null, got: clientId },
      };
    case 'unknown_redirect_uri': {
      const client = await database.db.oAuthClient.findUnique({ where: { clientId: clientId ?? '' } });
      return {
        problem: 'The client asks for the answer at an address that it has not registered.',
        difference: {
          what: 'redirect_uri',
          expected: client?.redirectUris.join(', ') ?? null,
          got: withoutQuery(reason.redirectUri),
        },
      };
    }
    case 'unreachable':
    case 'invalid':
    case 'not_a_document_url':
      return { problem: 'The document that describes the client could not be used.' };
    case 'host_denied':
    case 'client_blocked':
      return { problem: 'Whoever runs this gateway does not let the client in.' };
    case 'host_waiting':
      return { problem: 'The client waits for whoever runs this gateway to let it in.' };
    case 'no_client':
    case 'no_redirect_uri':
    case 'repeated':
    case 'unreadable':
      return { problem: 'The client’s request lacks a parameter, or has one twice.' };
  }
}

/** The client was trusted, and its request refused. */
export function tellRefused(
  server: OAuthServer,
  c: Context,
  fields: Fields,
  { error, description }: TrustedReason,
): void {
  const difference: Partial<Record<string, Difference>> = {
    invalid_target: { what: 'resource', expected: null, got: fields.get('resource') ?? null },
    invalid_scope: { what: 'scope', expected: null, got: fields.get('scope') ?? null },
  };
  const clientId = fields.get('client_id') ?? null;
  const elsewhere = otherAddress(server.config.url, fields.get('resource'));
  const told = elsewhere
    ? { problem: OTHER_ADDRESS, difference: elsewhere }
    : { problem: description, difference: difference[error] };
  tell(server, c, fields, { step: 'authorize', clientId, ...told });
}

/** The client did not prove who it is: where it proves it to somebody else, that is told (RFC 7523 §3). */
export function tellNotAuthenticated(server: OAuthServer, c: Context, fields: Fields): void {
  const { url: issuer } = server.config;
  const meant = audienceOf(fields.get('client_assertion'));
  const isForUs = meant === undefined || meant.includes(issuer) || meant.includes(`${issuer}/oauth/token`);
  const difference = isForUs ? null : issuerDifference(issuer, meant[0]);
  tell(server, c, fields, {
    step: 'token',
    clientId: fields.get('client_id') ?? null,
    problem: difference
      ? 'The client proves who it is to another authorization server than this one.'
      : 'The client did not authenticate as it is registered.',
    ...(difference ? { difference } : {}),
  });
}

/** Whom an unchecked assertion is for; undefined where there is none that can be read. */
function audienceOf(assertion: string | undefined): string[] | undefined {
  try {
    return assertion === undefined ? undefined : [decodeJwt(assertion).aud ?? []].flat();
  } catch {
    return undefined;
  }
}

/** A code was not redeemed: what of the request did not fit it. Told at the connection of the code, where there is one. */
export function tellCodeRefused(server: OAuthServer, c: Context, fields: Fields, clientId: string): void {
  const { database, tracer, log, config } = server;
  const { address, userAgent } = callerOf(server, c);
  const explain = async (): Promise<void> => {
    const code = await database.db.authorizationCode.findUnique({
      where: { codeHash: hashSecret(fields.get('code') ?? '') },
      include: { grant: { include: { client: true, connection: true, connectResource: true } } },
    });
    if (!code)
      return tell(server, c, fields, {
        step: 'token',
        clientId,
        problem: 'The client presents a code that does not exist.',
      });
    const { client, connection, connectResource } = code.grant;
    const url = connectUrl(config.url, {
      ...connection,
      connectionId: connection.id,
      routeKey: connectResource.routeKey,
    });
    const note = (problem: string, difference?: Difference) =>
      tracer.note({ step: 'token', problem, difference, connectionId: connection.id, clientId, address, userAgent });
    const redirectUri = fields.get('redirect_uri') ?? null;
    const resource = fields.get('resource') ?? null;
    if (client.clientId !== clientId) return note('The code was given to another client.');
    if (code.redirectUri !== redirectUri) {
      return note('The redirect URI is not the one of the authorization request.', {
        what: 'redirect_uri',
        expected: withoutQuery(code.redirectUri),
        got: redirectUri && withoutQuery(redirectUri),
      });
    }
    if (code.codeChallenge !== challengeOf(fields.get('code_verifier') ?? ''))
      return note('The code verifier does not belong to the request: another process of the client began it.', {
        what: 'code_verifier',
        expected: null,
        got: null,
      });
    if (code.consumedAt) return note('The code was used before.', { what: 'code', expected: null, got: null });
    if (code.revokedAt || code.expiresAt <= server.clock()) return note('The code was too old.');
    const elsewhere = otherAddress(config.url, resource ?? undefined);
    if (elsewhere) return note(OTHER_ADDRESS, elsewhere);
    if (resource !== null && resource !== url)
      return note('The resource is not the one that was granted.', { what: 'resource', expected: url, got: resource });
    note('The permission had ended meanwhile.');
  };
  explain().catch((error: unknown) => log.debug({ err: error }, 'a refused code was not explained'));
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
/** A query may hold what is nobody's to read. */
const withoutQuery = (uri: string): string => uri.split(/[?#]/, 1)[0] ?? '';
