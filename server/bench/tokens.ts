/** The token endpoint beside oidc-provider: the same refresh, the same database server, in turn. */
import pg from 'pg';
import { hashSecret, newSecret, REFRESH_TOKEN } from '../src/platform/secret.ts';
import { type Ground, startGateway } from './ground.ts';
import type { LoadResult } from './load-task.ts';
import { type Program, startProgram } from './processes.ts';
import { clientIdOf, grow, idOf, type Layout, newKeys } from './scene.ts';
import { median, rounded, type Table } from './table.ts';

export type TokensSize = { chains: number; trials: number; seconds: number };
export const TOKENS_SIZE: TokensSize = { chains: 16, trials: 3, seconds: 5 };

type Refreshed = LoadResult & { cpu: number };

/** Every chain of refreshes is of the one client, for a user of its own. */
const LAYOUT: Layout = { perUser: 1, connectionsPerUser: 1 };

export async function measureTokens(ground: Ground, size: TokensSize = TOKENS_SIZE): Promise<Table> {
  const url = await ground.database();
  await grow(url, { from: 0, to: size.chains, upstream: 'http://127.0.0.1:9/mcp', tokens: true, layout: LAYOUT });
  const keys = await newKeys();
  const peerUrl = await ground.database();
  const [load, peer, ours] = await Promise.all([
    startProgram({ file: 'bench/token-load.ts' }),
    startProgram({ file: 'bench/oidc-peer.ts', env: { DATABASE_URL: peerUrl } }),
    startGateway(url, keys.text, { GRANTWAY_PLANES: 'control' }),
  ]);
  let ourTokens = await beginTokens(url, size.chains);
  let peerTokens = await peer.ask<string[]>({ tokens: size.chains });
  const spell = async (program: Program, path: string, clientId: string, tokens: string[]) => {
    const before = await program.usage();
    const task = { port: program.port, path, clientId, tokens, seconds: size.seconds };
    const result = await load.ask<LoadResult & { tokens: string[] }>(task);
    if (result.wrong > 0) throw new Error(`${result.wrong} answers were no refresh, such as: ${result.firstWrong}`);
    return { ...result, cpu: ((await program.usage()).cpu - before.cpu) / result.right };
  };
  const turn = async (): Promise<{ ours: Refreshed; peer: Refreshed }> => {
    const their = await spell(peer, '/token', 'measured', peerTokens);
    peerTokens = their.tokens;
    const our = await spell(ours, '/oauth/token', clientIdOf(0), ourTokens);
    ourTokens = our.tokens;
    return { ours: our, peer: their };
  };
  try {
    await turn();
    const trials: { ours: Refreshed; peer: Refreshed }[] = [];
    for (let trial = 0; trial < size.trials; trial++) trials.push(await turn());
    const of = (pick: (trial: (typeof trials)[number]) => number): number => median(trials.map(pick));
    const rate = ({ right, seconds }: LoadResult): number => right / seconds;
    return {
      title: 'Token endpoint: a refresh at Grantway, and at oidc-provider 9 with its state in PostgreSQL',
      wanted: 'ratio ≥ 3',
      how: `${size.trials} alternating trials of ${size.seconds} s, ${size.chains} clients at once, each refreshing with what the last answer gave; ES256 access tokens and rotation at both; medians`,
      rows: [
        {
          'oidc-provider refreshes/s': rounded(of((trial) => rate(trial.peer))),
          'Grantway refreshes/s': rounded(of((trial) => rate(trial.ours))),
          ratio: rounded(
            of((trial) => rate(trial.ours) / rate(trial.peer)),
            2,
          ),
          'oidc-provider CPU µs': rounded(of((trial) => trial.peer.cpu)),
          'Grantway CPU µs': rounded(of((trial) => trial.ours.cpu)),
          'oidc-provider p50 ms': rounded(
            of((trial) => trial.peer.p50),
            1,
          ),
          'Grantway p50 ms': rounded(
            of((trial) => trial.ours.p50),
            1,
          ),
        },
      ],
    };
  } finally {
    await Promise.all([load, peer, ours].map((program) => program.kill()));
  }
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
