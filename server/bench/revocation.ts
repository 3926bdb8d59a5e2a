/** How long it takes to end very many grants at once, with their tokens and the record of it, and that nothing was left over. */
import pg from 'pg';
import { revokeGrants } from '../src/core/grants/revoke.ts';
import { openDatabase } from '../src/platform/database.ts';
import { openLog } from '../src/platform/log.ts';
import { transact } from '../src/platform/transact.ts';
import type { Ground } from './ground.ts';
import { grow, idOf } from './scene.ts';
import { atMost, median, rounded, type Table, type Target } from './table.ts';

export type RevocationSize = { grants: number[]; trials: number };
export const REVOCATION_SIZE: RevocationSize = { grants: [10_000, 100_000], trials: 3 };

const UPSTREAM = 'http://127.0.0.1:9/mcp';

/** Every grant is of one connection, which is taken out of use: the widest cascade that a click can cause. */
export async function measureRevocation(ground: Ground, size: RevocationSize = REVOCATION_SIZE): Promise<Table> {
  const rows: Table['rows'] = [];
  const targets: Target[] = [];
  for (const grants of size.grants) {
    const took: number[] = [];
    const url = await ground.database();
    const database = await openDatabase({ url, dataDirectory: '', poolSize: 4, log: openLog('error') });
    for (let trial = 0; trial < size.trials; trial++) {
      await emptied(url);
      await grow(url, {
        from: 0,
        to: grants,
        upstream: UPSTREAM,
        tokens: true,
        layout: { perUser: grants, connectionsPerUser: 1 },
      });
      await settle(url);
      const from = performance.now();
      const { receipt } = await transact(database, (tx) =>
        revokeGrants(tx, { connectionId: idOf('connection', 0) }, 'connection_disabled', { userId: null }, new Date()),
      );
      took.push(performance.now() - from);
      if (receipt.grants !== grants || receipt.families !== grants || receipt.refreshTokens !== grants) {
        throw new Error(`the receipt says ${JSON.stringify(receipt)}`);
      }
      const left = await remaining(url);
      if (left.live !== 0 || left.recorded !== grants) throw new Error(`left over: ${JSON.stringify(left)}`);
    }
    await database.close();
    // 10 000 in 2 s, and for ten times as many ten times as long.
    targets.push(atMost(`seconds for ${grants}`, rounded(median(took) / 1000, 2), (grants / 10_000) * 2));
    rows.push({
      grants,
      seconds: rounded(median(took) / 1000, 2),
      'µs per grant': rounded((median(took) * 1000) / grants, 1),
    });
  }
  return {
    title: 'Revocation: all grants of one connection, each with a sign-in, a refresh token and an event of the record',
    wanted: '10 000 in ≤ 2 s, 100 000 in ≤ 20 s, linear',
    how: `medians of ${size.trials} trials, one transaction each, commits wait for the disk`,
    rows,
    targets,
  };
}

async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

const emptied = (url: string): Promise<unknown> =>
  onDatabase(url, async (client) => {
    await client.query("SET session_replication_role = 'replica'");
    await client.query(
      'TRUNCATE "user", connection, connect_resource, connection_instance, oauth_client, oauth_grant, token_family, refresh_token, audit_event CASCADE',
    );
  });

const settle = (url: string): Promise<unknown> =>
  onDatabase(url, async (client) => {
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  });

const remaining = (url: string): Promise<{ live: number; recorded: number }> =>
  onDatabase(url, async (client) => {
    const { rows } = await client.query(
      `SELECT (SELECT count(*)::int FROM oauth_grant WHERE status <> 'revoked') + (SELECT count(*)::int FROM token_family WHERE revoked_at IS NULL)
         + (SELECT count(*)::int FROM refresh_token WHERE revoked_at IS NULL) AS live,
       (SELECT count(*)::int FROM audit_event WHERE kind = 'grant.revoked') AS recorded`,
    );
    return rows[0];
  });
