/** The token endpoint beside oidc-provider: the same refresh, the same database server, in turn. */
import pg from 'pg';
import { hashSecret, newSecret, REFRESH_TOKEN } from '../src/platform/secret.ts';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { clientIdOf, grow, idOf, type Layout, newKeys } from './scene.ts';
import { atLeast, median, rounded, type Table } from './table.ts';

/** `warmUp`: so many seconds of each before the first trial with so many clients. */
export type TokensSize = { chains: number[]; trials: number; seconds: number; warmUp: number };
// Short trials and many: whatever else the machine does for a while then meets both sides of a pair, or few of the pairs.
export const TOKENS_SIZE: TokensSize = { chains: [16, 64], trials: 9, seconds: 1.5, warmUp: 4 };

type Refreshed = LoadResult & { cpu: number };

/** Every chain of refreshes is of the one client, for a user of its own. */
const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };

export async function measureTokens(ground: Ground, size: TokensSize = TOKENS_SIZE): Promise<Table> {
  const most = Math.max(...size.chains);
  const url = await ground.database();
  await grow(url, { from: 0, to: most, upstream: 'http://127.0.0.1:9/mcp', tokens: true, layout: LAYOUT });
  const keys = await newKeys();
  const peerUrl = await ground.database();
  const [load, peer, ours] = await Promise.all([
    startProgram({ file: 'bench/token-load.ts' }),
    startProgram({ file: 'bench/oidc-peer.ts', env: { DATABASE_URL: peerUrl } }),
    startGateway(url, keys.text, { GRANTWAY_PLANES: 'control' }),
  ]);
  const ourTokens = await beginTokens(url, most);
  const peerTokens = await peer.ask<string[]>({ tokens: most });
  type Spell = { chains: number; seconds: number };
  const spell = async (program: Program, path: string, clientId: string, all: string[], { chains, seconds }: Spell) => {
    const before = await program.usage();
    const task = { port: program.port, path, clientId, tokens: all.slice(0, chains), seconds };
    const result = await load.ask<LoadResult & { tokens: string[] }>(task);
    if (result.wrong > 0) throw new Error(`${result.wrong} answers were no refresh, such as: ${result.firstWrong}`);
    all.splice(0, chains, ...result.tokens);
    return { ...result, cpu: ((await program.usage()).cpu - before.cpu) / result.right };
  };
  const turn = async (of: Spell): Promise<Turn> => ({
    peer: await spell(peer, '/token', 'measured', peerTokens, of),
    ours: await spell(ours, '/oauth/token', clientIdOf(0), ourTokens, of),
  });
  try {
    const rows: Table['rows'] = [];
    for (const chains of size.chains) {
      await turn({ chains, seconds: size.warmUp });
      const turns: Turn[] = [];
      for (let trial = 0; trial < size.trials; trial++) turns.push(await turn({ chains, seconds: size.seconds }));
      rows.push(rowOf(chains, turns));
    }
    return {
      title: 'Token endpoint: a refresh at Grantway, and at oidc-provider 9 with its state in PostgreSQL',
      wanted: 'ratio ≥ 3',
      how: `${size.trials} alternating trials of ${size.seconds} s, so many clients at once, each refreshing with what the last answer gave; ES256 access tokens and rotation at both, and a commit that waits for the disk; medians`,
      rows,
      targets: rows.map((row) => atLeast(`ratio with ${row.clients} clients`, Number(row.ratio), 3)),
    };
  } finally {
    await Promise.all([load, peer, ours].map((program) => program.kill()));
  }
}

type Turn = { ours: Refreshed; peer: Refreshed };

function rowOf(clients: number, turns: readonly Turn[]): Table['rows'][number] {
  const of = (pick: (turn: Turn) => number, digits = 0): number => rounded(median(turns.map(pick)), digits);
  const rate = ({ right, seconds }: LoadResult): number => right / seconds;
  return {
    clients,
    'oidc-provider refreshes/s': of(({ peer }) => rate(peer)),
    'Grantway refreshes/s': of(({ ours }) => rate(ours)),
    ratio: of(({ ours, peer }) => rate(ours) / rate(peer), 2),
    'oidc-provider CPU µs': of(({ peer }) => peer.cpu),
    'Grantway CPU µs': of(({ ours }) => ours.cpu),
    'oidc-provider p50 ms': of(({ peer }) => peer.p50, 1),
    'Grantway p50 ms': of(({ ours }) => ours.p50, 1),
  };
}

/** Tokens of the form that the endpoint looks for, in place of the rows' own. */
async function beginTokens(url: string, chains: number): Promise<string[]> {
  const tokens = Array.from({ length: chains }, () => newSecret(REFRESH_TOKEN));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [n, token] of tokens.entries()) {
    await client.query('UPDATE refresh_token SET token_hash = $1 WHERE id = $2', [
      hashSecret(token),
      idOf('refresh', n),
    ]);
  }
  await client.end();
  return tokens;
}
