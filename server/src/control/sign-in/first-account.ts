/** What comes with a new account: its place in the record and, for the first one, a connection to try. */
import type { Config } from '../../config.ts';
import { record } from '../../core/audit/record.ts';
import { createConnection } from '../../core/connections/create.ts';
import { connectUrl } from '../../core/connections/resource.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { readAllowList } from '../../platform/http/address-guard.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import { transact } from '../../platform/transact.ts';

const DEMO_NAME = 'Demo: everything';

type Deps = { config: Config; database: Database; keyring: Keyring; log: Log; clock: Clock };

/** Never fails: the account is made by now, and what is missing here can be made by hand. */
export async function welcome(
  { config, database, keyring, log, clock }: Deps,
  userId: string,
  isFirst: boolean,
): Promise<void> {
  try {
    await transact(database, async (tx) => {
      const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { role: true } });
      await record(tx, clock(), { kind: 'user.created', actorUserId: userId, ownerUserId: userId, detail: user });
    });
    if (!isFirst || config.demoUrl === undefined) return;
    const settings = { keyring, allowUpstreams: readAllowList(config.allowUpstreams) };
    const input = { organizationId: null, name: DEMO_NAME, remoteUrl: config.demoUrl, authMode: 'none' as const };
    const created = await createConnection(database, settings, { userId }, input, clock());
    if (!created.ok) return log.warn({ reason: created.reason }, 'the demo connection was not made');
    const line = await demoLine({ config, database });
    if (line) log.info(`add the demo connection to Claude Code: ${line}`);
  } catch (error) {
    log.error({ err: error }, 'a new account was made, but not all that comes with it');
  }
}

/** The line that adds the demo connection to Claude Code; null where there is none. @throws when the database is away */
export async function demoLine({ config, database }: Pick<Deps, 'config' | 'database'>): Promise<string | null> {
  if (config.demoUrl === undefined) return null;
  const connection = await database.db.connection.findFirst({
    where: { name: DEMO_NAME, deletedAt: null, ownerUserId: { not: null } },
    orderBy: { createdAt: 'asc' },
    include: { resources: { where: { retiredAt: null } } },
  });
  const [resource] = connection?.resources ?? [];
  if (!connection || !resource) return null;
  const url = connectUrl(config.url, { ...connection, connectionId: connection.id, routeKey: resource.routeKey });
  return `claude mcp add --transport http grantway-demo ${url}`;
}
