/** A person and their clients, by HTTP alone: approvals, exchanges, refreshes and revocations while things break, and what was acknowledged. */
import { createHash, randomBytes } from 'node:crypto';
import { hashSecret } from '../src/platform/secret.ts';
import { type Asked, isUnavailable } from './callers.ts';
import type { FaultGround } from './fault-ground.ts';
import type { Program } from './processes.ts';

/** What the product said was done. */
export type Acknowledged = {
  codes: string[];
  refreshTokens: string[];
  revokedGrants: string[];
  revokedTokens: string[];
};

export type Journeys = {
  acknowledged: Acknowledged;
  /** Uses an access token of theirs. */
  call: (accessToken: string) => Promise<Asked>;
  /** Every answer, for what must not be among them. */
  answers: Asked[];
  /** Answers that are neither what was asked for nor "unavailable". */
  wrong: string[];
  /** Begins them, one for each client; they go round and round until `stop` resolves. */
  begin: () => { stop: () => Promise<void> };
};

type Client = { id: string; cookie: string };

const REDIRECT = 'http://127.0.0.1:8976/callback';
const PERSON = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery staple' };
const CREATE = `mutation ($input: ConnectionCreateInput!) { made: connectionCreate(input: $input) {
  ... on ConnectionCreatePayload { connection { url } } } }`;
const APPROVE = `mutation ($input: AuthorizationApproveInput!) { made: authorizationApprove(input: $input) {
  ... on AuthorizationApprovePayload { redirectTo } } }`;
const GRANTS = '{ viewer { grants(first: 100) { edges { node { id client { clientId } } } } } }';
const REVOKE = `mutation ($input: GrantRevokeInput!) { made: grantRevoke(input: $input) {
  ... on GrantRevokePayload { grant { status } } } }`;

/** Signs a person up at a process, with a connection and `count` clients. */
export async function openJourneys(ground: FaultGround, at: () => Program, count: number): Promise<Journeys> {
  const acknowledged: Acknowledged = { codes: [], refreshTokens: [], revokedGrants: [], revokedTokens: [] };
  const answers: Asked[] = [];
  const wrong: string[] = [];
  const json = { 'content-type': 'application/json', origin: ground.base };
  const post = (path: string, body: object, headers = {}): Promise<Asked> =>
    ground.ask(at(), { path, body: JSON.stringify(body), headers: { ...json, ...headers } });
  await must(post('/api/auth/sign-up/email', PERSON));
  const signedIn = await must(post('/api/auth/sign-in/email', PERSON));
  const session = cookiesOf(signedIn);
  const graphql = (query: string, variables: object = {}): Promise<Asked> =>
    post('/graphql', { query, variables }, { 'x-graphql-yoga-csrf': '1', cookie: session });
  const input = { name: 'Measured', remoteUrl: ground.upstreamUrl, authMode: 'NONE' };
  const resource: string = JSON.parse((await must(graphql(CREATE, { input }))).text).data.made.connection.url;
  const path = new URL(resource).pathname;

  const token = async (fields: Record<string, string>): Promise<Asked> => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ground.ask(at(), {
      path: '/oauth/token',
      body: new URLSearchParams(fields).toString(),
      headers,
    });
    if (answer.status === 200) acknowledged.refreshTokens.push(JSON.parse(answer.text).refresh_token);
    return answer;
  };
  const call = (accessToken: string): Promise<Asked> =>
    ground.ask(at(), { path, body: '{}', headers: { ...json, authorization: `Bearer ${accessToken}` } });
  /** Again while the product says to try again. */
  const insist = async (act: () => Promise<Asked>, isOver: () => boolean): Promise<Asked | null> => {
    for (;;) {
      const answer = await act();
      answers.push(answer);
      if (!isUnavailable(answer)) return answer;
      if (isOver()) return null;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const complain = (what: string, { status, text }: Asked): void => {
    wrong.push(`${what}: ${status} ${text.slice(0, 200)}`);
  };

  /** One round: asks, approves, redeems, refreshes twice, is revoked. Ends early where an answer was lost for good. */
  const round = async (client: Client, isOver: () => boolean): Promise<void> => {
    // How often one address may ask is not what is tried.
    const from = { 'x-forwarded-for': `2001:db8:${randomBytes(2).toString('hex')}::1` };
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: REDIRECT,
      response_type: 'code',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state: 'state',
      resource,
    });
    const asked = await insist(
      () =>
        ground.ask(at(), {
          method: 'GET',
          path: `/oauth/authorize?${query}`,
          headers: { cookie: client.cookie, ...from },
        }),
      isOver,
    );
    if (asked === null) return;
    if (asked.status !== 303) return complain('authorize', asked);
    const requestId = asked.headers.location?.split('/').at(-1) as string;
    client.cookie = `${session}; ${cookiesOf(asked)}`;
    const approve = await post(
      '/graphql',
      { query: APPROVE, variables: { input: { requestId } } },
      { 'x-graphql-yoga-csrf': '1', cookie: client.cookie },
    );
    answers.push(approve);
    // Whether it was approved is then not known, and a decided request stays decided.
    if (isUnavailable(approve)) return;
    const redirectTo = JSON.parse(approve.text).data?.made?.redirectTo;
    if (redirectTo === undefined) return complain('approve', approve);
    const code = new URL(redirectTo).searchParams.get('code') as string;
    acknowledged.codes.push(code);
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier };
    const redeemed = await token({ ...redeem, client_id: client.id });
    answers.push(redeemed);
    if (isUnavailable(redeemed)) return;
    if (redeemed.status !== 200) return complain('exchange', redeemed);
    let tokens = JSON.parse(redeemed.text);
    for (let turn = 0; turn < 2; turn++) {
      const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: client.id };
      // The same token again and again: whether it was rotated unheard must not matter.
      const refreshed = await insist(() => token(fields), isOver);
      if (refreshed === null) return;
      if (refreshed.status !== 200) return complain('refresh', refreshed);
      tokens = JSON.parse(refreshed.text);
    }
    const listed = await insist(() => graphql(GRANTS), isOver);
    if (listed === null) return;
    type Edge = { node: { id: string; client: { clientId: string } } };
    const edges: Edge[] = JSON.parse(listed.text).data?.viewer?.grants.edges ?? [];
    const grantId = edges.find(({ node }) => node.client.clientId === client.id)?.node.id;
    if (grantId === undefined) return complain('grants', listed);
    const revoked = await insist(() => graphql(REVOKE, { input: { grantId } }), isOver);
    if (revoked === null) return;
    if (!revoked.text.includes('"REVOKED"')) return complain('revoke', revoked);
    const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url').toString());
    acknowledged.revokedGrants.push(claims.oauth_grant_id);
    acknowledged.revokedTokens.push(tokens.access_token);
    const called = await call(tokens.access_token);
    if (called.status !== 401 && !isUnavailable(called)) complain('a call after the revocation', called);
  };

  const register = async (n: number): Promise<Client> => {
    const body = { client_name: `Client ${n}`, redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' };
    return { id: JSON.parse((await must(post('/oauth/register', body), 201)).text).client_id, cookie: session };
  };
  const clients = await Promise.all(Array.from({ length: count }, (_, n) => register(n)));
  return {
    acknowledged,
    call,
    answers,
    wrong,
    begin: () => {
      let over = false;
      const running = clients.map(async (client) => {
        while (!over) await round(client, () => over);
      });
      return {
        stop: async () => {
          over = true;
          await Promise.all(running);
        },
      };
    },
  };
}

/** How much of what was acknowledged is not there. */
export async function countLost(
  ground: FaultGround,
  { codes, refreshTokens, revokedGrants }: Acknowledged,
): Promise<number> {
  const count = async (statement: string, values: readonly string[]): Promise<number> =>
    values.length - Number((await ground.sql(statement, [values])).rows[0].count);
  const unique = (values: readonly string[]): string[] => [...new Set(values)];
  return (
    (await count('SELECT count(*) FROM authorization_code WHERE code_hash = ANY($1)', unique(codes).map(hashSecret))) +
    (await count(
      'SELECT count(*) FROM refresh_token WHERE token_hash = ANY($1)',
      unique(refreshTokens).map(hashSecret),
    )) +
    (await count(
      "SELECT count(*) FROM oauth_grant WHERE id = ANY($1::uuid[]) AND status = 'revoked'",
      unique(revokedGrants),
    ))
  );
}

async function must(asking: Promise<Asked>, status = 200): Promise<Asked> {
  const answer = await asking;
  if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}

const cookiesOf = ({ headers }: Asked): string =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');
