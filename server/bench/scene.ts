/** Many rows at once, made by the database itself: users with connections, clients, grants, sign-ins and refresh tokens. */
import pg from 'pg';
import { connectUrl } from '../src/core/connections/resource.ts';
import { type AccessTokenGrant, mintAccessToken } from '../src/core/tokens/access-token.ts';
import { type Keyring, newSealingJwk, newSigningJwk, readKeyring } from '../src/platform/keys.ts';

/** How many grants a user has, and over how many connections: the others are further clients of the same ones. */
export type Layout = { perUser: number; connectionsPerUser: number };
export const LAYOUT: Layout = { perUser: 1_000, connectionsPerUser: 10 };

const DIGIT = { user: 1, connection: 2, resource: 3, instance: 4, client: 5, grant: 6, family: 7, refresh: 8 };
type Kind = keyof typeof DIGIT;

/** The id of the `n`th row of a kind: ordered, as UUIDv7 are. */
export const idOf = (kind: Kind, n: number): string =>
  `${DIGIT[kind]}0000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const sqlId = (kind: Kind, n: string): string =>
  `('${DIGIT[kind]}0000000-0000-7000-8000-' || lpad(to_hex((${n})::bigint), 12, '0'))::uuid`;
const keyOf = (connection: number): string => `r${String(connection).padStart(31, '0')}`;

export const clientIdOf = (client: number): string => `client-${client}`;
/** The refresh token that the `n`th family begins with; the database holds its digest. */
export const refreshTokenOf = (n: number): string => `measured-refresh-token-${n}`;

/** Adds the grants from number `from` up to, and without, `to`, with everything that they hang on. Foreign keys are not asked: all of it is there. */
export async function grow(
  url: string,
  {
    from,
    to,
    upstream,
    tokens = false,
    layout = LAYOUT,
  }: { from: number; to: number; upstream: string; tokens?: boolean; layout?: Layout },
): Promise<void> {
  const { perUser, connectionsPerUser } = layout;
  const [users, connections] = [Math.ceil(to / perUser), Math.ceil(to / perUser) * connectionsPerUser];
  const clients = Math.ceil(perUser / connectionsPerUser);
  const series = `generate_series(${from}, ${to - 1}) AS n`;
  const user = `n / ${perUser}`;
  const connection = `(n / ${perUser}) * ${connectionsPerUser} + (n % ${perUser}) % ${connectionsPerUser}`;
  const client = `(n % ${perUser}) / ${connectionsPerUser}`;
  const statements = [
    "SET session_replication_role = 'replica'",
    `INSERT INTO "user" (id, name, email, updated_at) SELECT ${sqlId('user', 'n')}, 'Measured', 'measured-' || n || '@example.com', now()
       FROM generate_series(0, ${users - 1}) AS n ON CONFLICT DO NOTHING`,
    `INSERT INTO connection (id, owner_user_id, name, remote_url, auth_mode, updated_at)
       SELECT ${sqlId('connection', 'n')}, ${sqlId('user', `n / ${connectionsPerUser}`)}, 'Measured', '${upstream}', 'none', now()
       FROM generate_series(0, ${connections - 1}) AS n ON CONFLICT DO NOTHING`,
    `INSERT INTO connect_resource (id, connection_id, route_key)
       SELECT ${sqlId('resource', 'n')}, ${sqlId('connection', 'n')}, 'r' || lpad(n::text, 31, '0')
       FROM generate_series(0, ${connections - 1}) AS n ON CONFLICT DO NOTHING`,
    `INSERT INTO connection_instance (id, connection_id, user_id, updated_at)
       SELECT ${sqlId('instance', 'n')}, ${sqlId('connection', 'n')}, ${sqlId('user', `n / ${connectionsPerUser}`)}, now()
       FROM generate_series(0, ${connections - 1}) AS n ON CONFLICT DO NOTHING`,
    `INSERT INTO oauth_client (id, client_id, kind, name, redirect_uris, grant_types, response_types, scopes, token_endpoint_auth_method, updated_at)
       SELECT ${sqlId('client', 'n')}, 'client-' || n, 'dynamic', 'Measured client ' || n, '{http://localhost:7777/callback}',
         '{authorization_code,refresh_token}', '{code}', '{}', 'none', now()
       FROM generate_series(0, ${clients - 1}) AS n ON CONFLICT DO NOTHING`,
    `INSERT INTO oauth_grant (id, oauth_client_id, user_id, connection_id, connect_resource_id, instance_id, redirect_uri, scopes,
         execution_context, connection_version, status, approved_at, activated_at)
       SELECT ${sqlId('grant', 'n')}, ${sqlId('client', client)}, ${sqlId('user', user)}, ${sqlId('connection', connection)},
         ${sqlId('resource', connection)}, ${sqlId('instance', connection)}, 'http://localhost:7777/callback', '{mcp:access}', 'personal', 1,
         'active', now() - n * interval '1 second', now() FROM ${series}`,
    `INSERT INTO token_family (id, grant_id, label) SELECT ${sqlId('family', 'n')}, ${sqlId('grant', 'n')}, 'a laptop' FROM ${series}`,
    ...(tokens
      ? [
          `INSERT INTO refresh_token (id, family_id, generation, token_hash, expires_at)
             SELECT ${sqlId('refresh', 'n')}, ${sqlId('family', 'n')}, 1,
               rtrim(translate(encode(sha256(('measured-refresh-token-' || n)::bytea), 'base64'), '+/', '-_'), '='), now() + interval '30 days'
             FROM ${series}`,
        ]
      : []),
    'SET session_replication_role = DEFAULT',
    // Else the first readers would do what is left of the writers' work.
    'VACUUM ANALYZE',
  ];
  const client_ = new pg.Client({ connectionString: url });
  await client_.connect();
  try {
    for (const statement of statements) await client_.query(statement);
  } finally {
    await client_.end();
  }
}

/** Lets a connection lead somewhere else than the others. */
export async function setUpstream(url: string, connections: readonly number[], remoteUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const update = 'UPDATE connection SET remote_url = $1 WHERE id = ANY($2)';
  await client.query(update, [remoteUrl, connections.map((n) => idOf('connection', n))]).finally(() => client.end());
}

/** The claims of the `n`th grant's access token. */
export function claimsOf(n: number, base: string, layout: Layout = LAYOUT): AccessTokenGrant {
  const user = Math.floor(n / layout.perUser);
  const connection = user * layout.connectionsPerUser + ((n % layout.perUser) % layout.connectionsPerUser);
  const address = {
    ownerUserId: idOf('user', user),
    ownerOrganizationId: null,
    connectionId: idOf('connection', connection),
    routeKey: keyOf(connection),
  };
  return {
    grantId: idOf('grant', n),
    familyId: idOf('family', n),
    userId: idOf('user', user),
    clientId: clientIdOf(Math.floor((n % layout.perUser) / layout.connectionsPerUser)),
    instanceId: idOf('instance', connection),
    connectionId: idOf('connection', connection),
    connectResourceId: idOf('resource', connection),
    connectionVersion: 1,
    executionContext: 'personal',
    scopes: ['mcp:access'],
    audience: connectUrl(base, address),
  };
}

/** Keys for every process of a measurement, as the setting takes them. */
export async function newKeys(): Promise<{ text: string; keyring: Keyring }> {
  const text = JSON.stringify({ keys: [newSealingJwk(), await newSigningJwk('ES256')] });
  return { text, keyring: await readKeyring(text) };
}

export const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'echo', arguments: { message: 'hello' } },
});

/** A tool call of the `n`th grant as a whole HTTP request, with the headers that MCP clients send. */
export async function callOf(
  n: number,
  base: string,
  keyring: Keyring,
  method: 'POST' | 'GET' = 'POST',
  layout: Layout = LAYOUT,
): Promise<string> {
  const claims = claimsOf(n, base, layout);
  const { token } = await mintAccessToken(keyring, base, claims, 3_600, new Date());
  const { pathname, host } = new URL(claims.audience);
  return requestText(method, pathname, host, token);
}

/** The same request for whatever stands at `path`. */
export function requestText(method: 'POST' | 'GET', path: string, host: string, token: string): string {
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    'connection: keep-alive',
    `authorization: Bearer ${token}`,
    'accept: application/json, text/event-stream',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'user-agent: node',
    'accept-encoding: gzip, deflate',
    'mcp-protocol-version: 2025-11-25',
    ...(method === 'POST' ? ['content-type: application/json', `content-length: ${CALL.length}`] : []),
  ];
  return `${head.join('\r\n')}\r\n\r\n${method === 'POST' ? CALL : ''}`;
}
