/** What a million grants in the table cost: the gateway beside one that has a thousand, and the page of someone with a thousand. */
import { createApiKey } from '../src/core/people/api-key.ts';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { openCommits } from './commits.ts';
import { type Ground, startGateway } from './ground.ts';
import { type Program, startProgram } from './processes.ts';
import { expectedBody, type Measured, measure } from './proxy.ts';
import { callOf, grow, idOf, type Layout, newKeys } from './scene.ts';
import { atLeast, atMost, median, rounded, type Table } from './table.ts';

/** `warmUp`: so many seconds of each trial that do not count. */
export type GrantsSize = { few: number; many: number; trials: number; warmUp: number; seconds: number };
export const GRANTS_SIZE: GrantsSize = { few: 1_000, many: 1_000_000, trials: 7, warmUp: 1.5, seconds: 2.5 };

/** A thousand of one's own, each of another client. */
const LAYOUT: Layout = { perUser: 1_000, connectionsPerUser: 1 };

const PAGE = `query Clients { viewer { authorizedClients(standing: ACTIVE, order: LAST_USED, first: 20) { totalCount
  edges { node { id client { id clientId name verifiedHost } grants { id status redirectUri scopes approvedAt lastUsedAt expiresAt revokedAt
    revocationReason deniedSince { count lastHour } connection { id name status } owner { __typename }
    families { id label revokedAt revocationReason } usage { requests errors } } } } pageInfo { hasNextPage endCursor } } } }`;

export async function measureGrants(ground: Ground, size: GrantsSize = GRANTS_SIZE): Promise<Table> {
  const upstream = await startProgram({ file: 'bench/upstream.ts' });
  const to = `http://127.0.0.1:${upstream.port}/mcp`;
  const keys = await newKeys();
  const load = await startProgram({ file: 'bench/load.ts' });
  const programs: Program[] = [upstream, load];
  const fill = async (grants: number) => {
    const url = await ground.database();
    await grow(url, { from: 0, to: grants, upstream: to, layout: LAYOUT });
    return { grants, url };
  };
  try {
    const few = await fill(size.few);
    const many = await fill(size.many);
    const expected = await expectedBody(upstream);
    // By a process of its own each time: of two that do the same, one is a tenth faster for as long as it lives.
    const spell = async ({ grants, url }: typeof few): Promise<Measured> => {
      const gateway = await startGateway(url, keys.text, { GRANTWAY_PLANES: 'gateway' });
      try {
        // Spread over the whole table, so that its size is met.
        const calls = Array.from({ length: Math.min(grants, 200) }, (_, n) =>
          callOf(Math.floor((n * grants) / Math.min(grants, 200)), gateway.base, keys.keyring, 'POST', LAYOUT),
        );
        const task = { port: gateway.port, requests: await Promise.all(calls), expected, concurrency: 16 };
        await measure(load, gateway, { ...task, seconds: size.warmUp });
        return await measure(load, gateway, { ...task, seconds: size.seconds });
      } finally {
        await gateway.kill();
      }
    };
    const trials: { few: Measured; many: Measured }[] = [];
    {
      // Rows that are not read take as long in any table.
      await using _ = await openCommits(few.url);
      for (let trial = 0; trial < size.trials; trial++) trials.push({ few: await spell(few), many: await spell(many) });
    }
    const control = await startGateway(many.url, keys.text, { GRANTWAY_PLANES: 'control' });
    programs.push(control);
    const page = await measurePage(load, control, many.url, size);
    const of = (pick: (trial: (typeof trials)[number]) => number): number => median(trials.map(pick));
    const rate = ({ right, seconds }: Measured): number => right / seconds;
    const ratio = rounded(
      of((trial) => rate(trial.many) / rate(trial.few)),
      2,
    );
    return {
      title: `Grants: a table of ${size.few} and one of ${size.many}`,
      wanted: 'throughput within 10 %; the Authorized clients page p50 ≤ 10 ms at the larger',
      how: `${size.trials} alternating trials of ${size.seconds} s at concurrency 16, each by a process of its own that was warm, medians, with a commit every millisecond so that each check reads its rows; the page's own query, for a user with ${Math.min(LAYOUT.perUser, size.many)} grants`,
      rows: [
        {
          [`req/s at ${size.few}`]: rounded(of((trial) => rate(trial.few))),
          [`req/s at ${size.many}`]: rounded(of((trial) => rate(trial.many))),
          ratio,
          'page p50 ms': rounded(page.p50, 1),
          'page p99 ms': rounded(page.p99, 1),
        },
      ],
      targets: [
        atLeast(`throughput at ${size.many} ÷ at ${size.few}`, ratio, 0.9),
        atMost('page p50 in ms', rounded(page.p50, 1), 10),
      ],
    };
  } finally {
    await Promise.all(programs.map((program) => program.kill()));
  }
}

async function measurePage(
  load: Program,
  control: Program & { base: string },
  url: string,
  size: GrantsSize,
): Promise<Measured> {
  const database = await openDatabase({ url, dataDirectory: '', poolSize: 2, log: openLog('error') });
  const input = {
    userId: idOf('user', 0),
    organizationId: null,
    name: 'measured',
    scopes: ['connections:read' as const, 'grants:read' as const],
  };
  const key = await createApiKey(database, input, new Date()).finally(() => database.close());
  if (!key.ok) throw new Error(`no key: ${key.reason.kind}`);
  const body = JSON.stringify({ query: PAGE });
  const headers = {
    authorization: `Bearer ${key.value.key}`,
    'content-type': 'application/json',
    'x-graphql-yoga-csrf': '1',
  };
  const answer = await fetch(`${control.base}/graphql`, { method: 'POST', headers, body });
  const expected = await answer.text();
  const shown = JSON.parse(expected).data?.viewer?.authorizedClients;
  if (shown?.edges.length !== Math.min(20, size.many) || shown.totalCount !== Math.min(LAYOUT.perUser, size.many)) {
    throw new Error(`not the page: ${expected.slice(0, 300)}`);
  }
  const lines = Object.entries({ host: new URL(control.base).host, ...headers, 'content-length': String(body.length) });
  const request = `POST /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
  const task = { port: control.port, requests: [request], expected, concurrency: 1, seconds: size.seconds };
  await measure(load, control, task);
  return measure(load, control, task);
}
