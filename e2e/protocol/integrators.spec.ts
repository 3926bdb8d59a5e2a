/** docs/integrators.md, run: every example in its order against a gateway, and every answer as it stands there. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openMcpClient } from '../actors/mcp-client.ts';
import { ROOT } from '../fixtures/child.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import { expect, test } from '../fixtures/test.ts';

const DOCUMENT = readFileSync(join(ROOT, 'docs/integrators.md'), 'utf8');
type Example = { script: string; isLive: boolean; answer: unknown };
const examples: Example[] = [...DOCUMENT.matchAll(/```sh( live)?\n([\s\S]*?)```\s+```json\n([\s\S]*?)```/g)].map(
  ([, live, script = '', answer = '']) => ({ script, isLive: live !== undefined, answer: JSON.parse(answer) }),
);
const run = promisify(execFile);

/** What the document says of an answer: `…` is any text, or any list. */
function asWritten(expected: unknown): unknown {
  if (expected === '…') return expect.anything();
  if (Array.isArray(expected)) return expected.map(asWritten);
  if (typeof expected !== 'object' || expected === null) return expected;
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, asWritten(value)]));
}

test('every example for integrators does what the document says', async ({ person, gateway, everything, context }) => {
  const connection = await person.createConnection({ name: 'Issue tracker', remoteUrl: everything.url });
  const client = await openMcpClient(connection.url, { name: 'Coding agent' });
  await client.signIn(allowUnseen(context.request, person));
  const [grant] = await person.grants();
  const scopes = ['GRANTS_READ', 'GRANTS_REVOKE', 'CONNECTIONS_READ', 'CONNECTIONS_WRITE', 'AUDIT_READ', 'TOKENS_MINT'];
  const { apiKeyCreate } = await person.ask<{ apiKeyCreate: { key: string } }>(
    `mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { ... on ApiKeyCreatePayload { key } } }`,
    { input: { name: 'Integration', scopes } },
  );
  const env = {
    PATH: process.env.PATH,
    GRANTWAY: gateway.url,
    KEY: apiKeyCreate.key,
    GRANT: grant?.id,
    CONNECTION: connection.id,
  };
  expect(examples.length).toBeGreaterThanOrEqual(7);
  for (const { script, isLive, answer } of examples) {
    const said = isLive
      ? await hear(script, env, () => person.createConnection({ name: 'Heard of', remoteUrl: everything.url }))
      : (await run('/bin/sh', ['-euc', script], { env })).stdout;
    expect(JSON.parse(said), script).toEqual(asWritten(answer));
  }
  await client.close();
});

/** Listens, lets something happen, and takes the event that tells of it. */
async function hear(script: string, env: NodeJS.ProcessEnv, happens: () => Promise<unknown>): Promise<string> {
  const child = spawn('/bin/sh', ['-euc', `exec ${script.trim()}`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  try {
    await expect.poll(() => text).toContain(':');
    await happens();
    // Of what was done before, something may be recorded late.
    const event = () => text.split('\n').find((line) => line.startsWith('data: ') && line.includes('Heard of'));
    await expect.poll(event).toBeTruthy();
    return event()?.slice('data: '.length) ?? '';
  } finally {
    child.kill();
  }
}
