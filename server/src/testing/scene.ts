/** People, connections and clients for tests, made of real rows, and sign-ins made by the real acts. */
import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { approve, type DecisionRefusal } from '../core/authorizations/decide.ts';
import { openRequest, showRequest } from '../core/authorizations/request.ts';
import { newRouteKey } from '../core/connections/resource.ts';
import type { GrantClaims } from '../core/grants/live.ts';
import { openProviderDeps, type ProviderDeps } from '../core/providers/deps.ts';
import { redeemCode } from '../core/tokens/authorization-code.ts';
import type { GrantOfToken } from '../core/tokens/grant-of-token.ts';
import type { Database } from '../platform/database.ts';
import { newSealingJwk, newSigningJwk, readKeyring } from '../platform/keys.ts';
import type { Result } from '../platform/result.ts';

export const ISSUER = 'http://localhost:4000';
export const REFRESH_IDLE = 30 * 86_400;
export const BROWSER = 'the-browser-of-these-tests';

export const CALLBACK = 'http://localhost:7777/callback';

export async function makeUser(database: Database, name = 'Ada') {
  return database.db.user.create({ data: { name, email: `${uuidv7()}@example.com` } });
}

/** Somebody who runs the gateway. */
export const makeAdmin = (database: Database, name = 'Root') =>
  database.db.user.create({ data: { name, email: `${uuidv7()}@example.com`, role: 'admin' } });

export async function makeOrganization(database: Database, members: { id: string }[] = []) {
  return database.db.organization.create({
    data: { name: 'Acme', memberships: { create: members.map(({ id }) => ({ userId: id, role: 'member' as const })) } },
  });
}

type Owner = { userId: string } | { organizationId: string; assignees: { id: string }[] };

/** A connection with its live connect resource. */
export async function makeConnection(database: Database, owner: Owner, name = 'Everything') {
  const connection = await database.db.connection.create({
    data: {
      name,
      remoteUrl: 'http://127.0.0.1:9/mcp',
      authMode: 'none',
      ...('userId' in owner
        ? { ownerUserId: owner.userId }
        : {
            ownerOrganizationId: owner.organizationId,
            sharingMode: 'multi_user',
            assignments: { create: owner.assignees.map(({ id }) => ({ userId: id })) },
          }),
      resources: { create: { routeKey: newRouteKey() } },
    },
    include: { resources: true },
  });
  const [resource] = connection.resources;
  if (!resource) throw new Error('a connection begins with a resource');
  return { ...connection, resource };
}

export type SceneConnection = Awaited<ReturnType<typeof makeConnection>>;

export async function makeClient(
  database: Database,
  overrides: { redirectUris?: string[]; grantTypes?: string[]; name?: string } = {},
) {
  return database.db.oAuthClient.create({
    data: {
      clientId: `client-${uuidv7()}`,
      kind: 'dynamic',
      name: overrides.name ?? 'Scripted client',
      redirectUris: overrides.redirectUris ?? [CALLBACK],
      grantTypes: overrides.grantTypes ?? ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      scopes: [],
      tokenEndpointAuthMethod: 'none',
    },
  });
}

export type SceneClient = Awaited<ReturnType<typeof makeClient>>;

export type SignIn = {
  user: { id: string };
  client: SceneClient;
  connection: SceneConnection;
  redirectUri?: string;
  scopes?: string[];
  expiresIn?: number;
};

/** A person with a connection of their own, and a client: what a sign-in begins with. */
export async function personalScene(database: Database) {
  const user = await makeUser(database);
  return { user, connection: await makeConnection(database, { userId: user.id }), client: await makeClient(database) };
}

export const newVerifier = (): string => randomBytes(32).toString('base64url');
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** An authorization request, as the authorization endpoint would have kept it. */
export async function ask(
  database: Database,
  { client, connection, redirectUri = CALLBACK, scopes = ['mcp:access'] }: SignIn,
) {
  const verifier = newVerifier();
  const handle = await openRequest(
    database,
    {
      client,
      redirectUri,
      registeredRedirectUri: redirectUri,
      scopes,
      state: 'state',
      codeChallenge: challengeOf(verifier),
      target: { connectionId: connection.id, connectResourceId: connection.resource.id },
      resource: null,
      prompt: null,
      browser: { binding: BROWSER, sessionId: null },
      userAgent: 'scene/1.0',
    },
    300,
    new Date(),
  );
  return { handle, verifier };
}

/** The keys of these tests, for other processes to read. */
export const KEYS = newSigningJwk('ES256').then((signing) => JSON.stringify({ keys: [newSealingJwk(), signing] }));
const keyring = KEYS.then(readKeyring);

/** The way to providers, as a gateway on this database has it; loopback is open. */
export const providersOf = async (database: Database, over: Partial<ProviderDeps> = {}): Promise<ProviderDeps> => ({
  ...openProviderDeps({
    database,
    keyring: await keyring,
    clock: () => new Date(),
    log: database.log,
    base: ISSUER,
    ownDocument: false,
    allowUpstreams: ['localhost', '127.0.0.0/8'],
  }),
  ...over,
});

/** Approves a request. @returns the code, or why not. */
/** Of limits that a test is not about. */
export const UNLIMITED = { take: async () => ({ allowed: true as const }) };

export async function consent(
  database: Database,
  handle: string,
  user: { id: string },
  expiresIn?: number,
): Promise<Result<string, DecisionRefusal>> {
  const decider = { userId: user.id, browser: { binding: BROWSER, sessionId: null } };
  const settings = {
    issuer: ISSUER,
    codeLifetime: 60,
    clock: () => new Date(),
    providers: await providersOf(database),
    looks: UNLIMITED,
  };
  const decided = await approve(database, handle, decider, { expiresIn }, settings);
  if (!decided.ok) return decided;
  return { ok: true, value: new URL(decided.value.redirectTo).searchParams.get('code') as string };
}

/** Loads the consent page anew. */
export const show = (database: Database, handle: string) =>
  showRequest(database, handle, { binding: BROWSER, sessionId: null });

/** Redeems a code with everything right. */
export const redeem = (database: Database, signIn: SignIn, code: string, verifier: string) =>
  redeemCode(
    database,
    {
      code,
      oauthClientId: signIn.client.id,
      redirectUri: signIn.redirectUri ?? CALLBACK,
      codeVerifier: verifier,
      isOtherResource: () => false,
      label: 'a laptop',
      userAgent: 'scene/1.0',
    },
    { refreshIdle: REFRESH_IDLE },
  );

/** A whole sign-in: request, consent, code, tokens. @throws when any step is refused. */
export async function signIn(database: Database, how: SignIn) {
  const { handle, verifier } = await ask(database, how);
  const code = await consent(database, handle, how.user, how.expiresIn);
  if (!code.ok) throw new Error(`consent was refused: ${code.reason.kind}`);
  const redeemed = await redeem(database, how, code.value, verifier);
  if (!redeemed.ok) throw new Error(`the code was refused: ${redeemed.reason}`);
  return { ...redeemed.value, grantId: redeemed.value.grant.grantId, code: code.value, verifier };
}

/** What a token of that sign-in claims. The same object each time it is asked about is what a process has of one token. */
export const claimsOf = ({ grant, familyId }: { grant: GrantOfToken; familyId: string }): GrantClaims => ({
  ...grant,
  familyId,
});
