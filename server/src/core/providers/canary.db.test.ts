/** I10: every token, code, state, verifier and secret of a life with a provider, looked for everywhere but in its sealed place. */
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openLog } from '../../platform/log.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { call, makeCaller, startGateway } from '../../testing/gateway.ts';
import { openProviderServer, type TestProvider } from '../../testing/provider.ts';
import { liveGrantOf, makeTraveller, openTravel } from '../../testing/provider-scene.ts';
import { openCredentials } from './credential.ts';
import { revokeEnded } from './outbox.ts';
import { disconnect } from './sign-in.ts';

let database: Database;
let provider: TestProvider;
beforeAll(async () => {
  database = await openTestDatabase();
  provider = await openProviderServer();
});
afterAll(async () => {
  await provider.close();
  await database.close();
});

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await database.db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`;
  let text = '';
  for (const { name } of tables) {
    const rows = await database.db.$queryRawUnsafe<{ row: string }[]>(
      `SELECT row_to_json(t)::text AS row FROM "${name}" t`,
    );
    text += rows.map(({ row }) => `${name}: ${row}\n`).join('');
  }
  return text;
}

test('I10 #209 #268 nothing that a provider gave or took is in a table, a log line, an event, an answer or an error', async () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  stream.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const log = openLog('trace', stream);
  const noted: Database = { ...database, log };
  const travel = await openTravel(noted, { log });
  const { providers } = travel;
  const running = await startGateway(noted, {}, providers.keyring);
  const answers: string[] = [];
  const hear = async (response: Response) => answers.push(JSON.stringify([...response.headers]), await response.text());
  const tables: string[] = [];
  const look = async () => tables.push(await everything());

  const who = await makeTraveller(noted, provider);
  // A sign-in that is refused in words which nobody should repeat, with an error that quotes the request.
  provider.instead = (path, form) =>
    path === '/token'
      ? {
          status: 400,
          body: { error: 'invalid_grant', error_description: `no: ${form.get('code')} ${form.get('code_verifier')}` },
        }
      : undefined;
  const refused = await travel.setOut(who);
  await look();
  await hear(await travel.comeBack(who, await travel.visit(refused.to)));
  provider.instead = () => undefined;

  const { to } = await travel.setOut(who);
  await hear(await travel.comeBack(who, await travel.visit(to)));
  await look();
  const caller = await makeCaller(noted, running, provider.mcpUrl, who);
  const ours = [caller.token, caller.refreshToken ?? '', caller.code, caller.verifier];
  const { id } = (await liveGrantOf(noted, who)) ?? { id: '' };
  const ask = async () => {
    const answer = await call(running, caller);
    return JSON.stringify(answer);
  };
  // The upstream's own echo tells which token it got: it is the one answer that has it.
  expect(await ask()).toContain('canary-access');
  provider.instead = (path, form, ordinary) => {
    if (path === '/mcp')
      return {
        status: 401,
        body: { echo: [...provider.secrets] },
        headers: { 'x-echo': [...provider.secrets][0] ?? '' },
      };
    return path === '/token' && form.get('refresh_token')
      ? { ...ordinary, status: 500, body: { error_description: form.get('refresh_token') } }
      : undefined;
  };
  answers.push(await ask());
  const credentials = openCredentials(providers);
  answers.push(
    String(await credentials.renew(id, 1).catch((error: Error) => `${error.stack} ${JSON.stringify(error)}`)),
  );
  await noted.db.providerGrant.updateMany({ data: { leaseUntil: null, expiresAt: new Date(0) } });
  provider.instead = () => undefined;
  provider.drop();
  answers.push(await ask(), await ask());
  await travel.comeBack(who, await travel.visit(await travel.setOutAlone(who)));
  await look();
  await disconnect(noted, { userId: who.user.id, connectionId: who.connection.id }, new Date());
  await look();
  await revokeEnded(providers);
  await look();
  await running.close();

  const secrets = [...provider.secrets, ...ours].filter((secret) => secret.length > 12);
  for (const kind of ['access', 'refresh', 'code', 'client']) {
    expect(secrets.filter((secret) => secret.startsWith(`canary-${kind}-`)).length, kind).toBeGreaterThan(0);
  }
  expect(secrets.length).toBeGreaterThan(15);
  const places = { tables: tables.join('\n'), log: lines.join(''), answers: answers.join('\n') };
  expect(places.log).toContain('a sign-in at a provider failed');
  expect(places.log).toContain('mcp request');
  expect(places.tables).toContain('provider.signed_in');
  expect(places.tables).toContain('"sealed":"eyJ');
  for (const [place, text] of Object.entries(places)) {
    expect(
      secrets.filter((secret) => text.includes(secret)),
      `in the ${place}`,
    ).toEqual([]);
  }
});
