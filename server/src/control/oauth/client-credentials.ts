/** Who calls an endpoint that clients authenticate at, by exactly the method that the client registered (RFC 6749 §2.3). */
import type { Context } from 'hono';
import { ASSERTION_TYPE, clientOfAssertion, verifyAssertion } from '../../core/clients/assertion.ts';
import { type Credentials, checkCredentials } from '../../core/clients/authenticate.ts';
import { type Client, findClient } from '../../core/clients/find.ts';
import type { Fields } from '../../platform/http/form.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { oauthError } from './oauth-error.ts';
import { bucketOf, tooMany } from './rate-limit.ts';
import type { OAuthServer } from './server.ts';

/** The client of a request, and how to count what goes wrong with it. */
export type Caller = { client: Client; countFailure: () => Promise<unknown> };

/**
 * The authenticated client, or the finished refusal: 401 `invalid_client`, with `WWW-Authenticate: Basic` only where Basic was used
 * (RFC 6749 §5.2). Failures are counted by client and address, and past the limit everything from there is 429.
 */
export async function authenticateClient(
  server: OAuthServer,
  c: Context,
  fields: Fields,
): Promise<Result<Caller, Response>> {
  const credentials = readCredentials(c.req.header('authorization'), fields);
  if (!credentials.ok) return credentials;
  const client = await findClient(server.database, credentials.value.clientId);
  const bucket = `${client?.id ?? 'unknown'}/${bucketOf(server, c)}`;
  const room = await server.limits.failure.look(bucket);
  if (!room.allowed) return refused(tooMany(room.retryAfter));
  const { assertion } = credentials.value;
  const checked =
    assertion === undefined
      ? checkCredentials(client, credentials.value)
      : await checkAssertion(server, client, assertion);
  const countFailure = () => server.limits.failure.take(bucket);
  if (checked.ok) return ok({ client: checked.value, countFailure });
  await countFailure();
  const usedBasic = credentials.value.method === 'client_secret_basic';
  // A client that was forgotten presents its dead id for ever, unless its user hears what to do (field note D33).
  return checked.reason === 'unknown_client'
    ? invalidClient(
        'This client is not registered here (any more). Remove the server from the client and add it again.',
        usedBasic,
      )
    : invalidClient('The client did not authenticate in the way that it registered.', usedBasic);
}

/** A secret, or an assertion, or neither. */
type Presented = Credentials & { assertion?: string };

/** RFC 7523 §3: both the issuer and the token endpoint are named as audience by real clients, and nothing else is right. */
async function checkAssertion(
  server: OAuthServer,
  client: Client | null,
  assertion: string,
): Promise<ReturnType<typeof checkCredentials>> {
  if (!client) return refused('unknown_client');
  const { config, database, clientKeys: keys, clock } = server;
  const proved = await verifyAssertion({ database, keys, now: clock() }, client, assertion, [
    config.url,
    `${config.url}/oauth/token`,
  ]);
  return proved ? ok(client) : refused('wrong_credentials');
}

function readAssertion(fields: Fields, assertion: string, another: boolean): Result<Presented, Response> {
  if (another) return refused(oauthError(400, 'invalid_request', 'The client authenticates in two ways at once.'));
  if (fields.get('client_assertion_type') !== ASSERTION_TYPE)
    return invalidClient('client_assertion_type is not supported.', false);
  const clientId = clientOfAssertion(assertion);
  const named = fields.get('client_id');
  if (clientId === null || (named !== undefined && named !== clientId))
    return invalidClient('The assertion is not of this client.', false);
  return ok({ clientId, secret: undefined, method: 'none', assertion });
}

/** What a request presents. Does not check any of it. */
export function readCredentials(authorization: string | undefined, fields: Fields): Result<Presented, Response> {
  for (const name of ['client_id', 'client_secret', 'client_assertion']) {
    if (fields.repeated.has(name)) return refused(oauthError(400, 'invalid_request', `${name} came more than once.`));
  }
  const clientId = fields.get('client_id');
  const secret = fields.get('client_secret');
  const assertion = fields.get('client_assertion');
  if (assertion !== undefined)
    return readAssertion(fields, assertion, authorization !== undefined || secret !== undefined);
  if (/^basic\b/i.test(authorization ?? '')) {
    const basic = readBasic(authorization ?? '');
    if (!basic) return invalidClient('The Authorization header cannot be read.', true);
    // RFC 6749 §2.3: one method at a time.
    if (secret !== undefined)
      return refused(oauthError(400, 'invalid_request', 'The client authenticates in two ways at once.'));
    if (clientId !== undefined && clientId !== basic.clientId)
      return invalidClient('client_id is not that of the header.', true);
    return ok({ ...basic, method: 'client_secret_basic' });
  }
  if (clientId === undefined) return invalidClient('client_id is missing.', false);
  return ok({ clientId, secret, method: secret === undefined ? 'none' : 'client_secret_post' });
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
function readBasic(header: string): { clientId: string; secret: string } | null {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const joined = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = joined.indexOf(':');
  if (colon < 1) return null;
  try {
    const [clientId = '', secret = ''] = [joined.slice(0, colon), joined.slice(colon + 1)].map((part) =>
      decodeURIComponent(part.replaceAll('+', ' ')),
    );
    return { clientId, secret };
  } catch {
    return null;
  }
}

const invalidClient = (description: string, usedBasic: boolean): { ok: false; reason: Response } =>
  refused(
    oauthError(
      401,
      'invalid_client',
      description,
      usedBasic ? { 'www-authenticate': 'Basic realm="grantway", charset="UTF-8"' } : {},
    ),
  );
