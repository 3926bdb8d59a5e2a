/** What the token endpoint is measured against: oidc-provider with its state in PostgreSQL, rotating refresh tokens, signing the same tokens. */
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Adapter, type AdapterPayload } from 'oidc-provider';
import pg from 'pg';

const port = Number(process.env.PORT);
const issuer = `http://127.0.0.1:${port}`;
const RESOURCE = 'http://127.0.0.1/mcp';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL as string, max: 10 });
await pool.query(`CREATE TABLE IF NOT EXISTS oidc (kind text, id text, payload jsonb NOT NULL, grant_id text, uid text, user_code text,
  expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (kind, id))`);
await pool.query('CREATE INDEX IF NOT EXISTS oidc_grant ON oidc (grant_id)');

const query = (name: string, text: string, values: unknown[]) => pool.query({ name, text, values });

/** The adapter of its documentation's shape: a row for each thing, one prepared statement for each act. */
class PostgresAdapter implements Adapter {
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    await query(
      'upsert',
      `INSERT INTO oidc (kind, id, payload, grant_id, uid, user_code, expires_at) VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 second')
       ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, expires_at = excluded.expires_at`,
      [
        this.#kind,
        id,
        payload,
        payload.grantId ?? null,
        payload.uid ?? null,
        payload.userCode ?? null,
        expiresIn ?? 86_400,
      ],
    );
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#one('find', 'id', id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#one('find-by-uid', 'uid', uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#one('find-by-user-code', 'user_code', userCode);
  }

  async consume(id: string): Promise<void> {
    await query('consume', 'UPDATE oidc SET consumed_at = now() WHERE kind = $1 AND id = $2', [this.#kind, id]);
  }

  async destroy(id: string): Promise<void> {
    await query('destroy', 'DELETE FROM oidc WHERE kind = $1 AND id = $2', [this.#kind, id]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await query('revoke', 'DELETE FROM oidc WHERE grant_id = $1', [grantId]);
  }

  async #one(name: string, column: string, value: string): Promise<AdapterPayload | undefined> {
    const { rows } = await query(
      name,
      `SELECT payload, extract(epoch FROM consumed_at)::int AS consumed FROM oidc WHERE kind = $1 AND ${column} = $2 AND expires_at > now()`,
      [this.#kind, value],
    );
    const [row] = rows;
    return row && { ...row.payload, ...(row.consumed === null ? {} : { consumed: row.consumed }) };
  }
}

const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const provider = new Provider(issuer, {
  adapter: PostgresAdapter,
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'measured' }] },
  clients: [
    {
      client_id: 'measured',
      id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://localhost:7777/callback'],
      application_type: 'native',
    },
  ],
  scopes: ['offline_access'],
  cookies: { keys: ['measured'] },
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  ttl: { AccessToken: 900, Grant: 86_400, RefreshToken: 86_400 },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'mcp:access', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
    },
  },
});
provider.listen(port, '127.0.0.1');

process.on('message', ({ task }: { task?: { tokens: number } }) => {
  if (task) void begin(task.tokens).then((result) => process.send?.({ result }));
});

/** Refresh tokens to begin with, each under a grant of its own, as consent would have left them. */
async function begin(tokens: number): Promise<string[]> {
  const client = await provider.Client.find('measured');
  const made: string[] = [];
  for (let n = 0; n < tokens; n++) {
    const grant = new provider.Grant({ accountId: `user-${n}`, clientId: 'measured' });
    grant.addOIDCScope('offline_access');
    grant.addResourceScope(RESOURCE, 'mcp:access');
    const grantId = await grant.save();
    const token = new provider.RefreshToken({
      client,
      accountId: `user-${n}`,
      grantId,
      scope: 'offline_access mcp:access',
      gty: 'authorization_code',
      resource: RESOURCE,
    } as unknown as ConstructorParameters<typeof provider.RefreshToken>[0]);
    made.push(await token.save());
  }
  return made;
}
