/** Notifications of PostgreSQL, on a connection of their own that comes back whenever it is lost. */
import pg from 'pg';
import type { Log } from './log.ts';

/** A notification channel. @returns what ends the listening. */
export type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onGap: () => void,
) => Promise<() => Promise<void>>;

const CONNECT_MS = 4_000;
const RECONNECT_MS = 1_000;

/** Listens on `channel` of the database at `url`, which must be PostgreSQL itself: a pooler in transaction mode hears nothing. */
export async function listenOn(
  url: string,
  log: Log,
  channel: string,
  onMessage: (payload: string) => void,
  onGap: () => void,
) {
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
    });
    const lost = (error?: unknown): void => {
      if (client !== next) return;
      client = undefined;
      if (!stopped) {
        if (error) log.warn({ err: error }, 'the notification connection broke');
        timer = setTimeout(() => void reconnect(), RECONNECT_MS);
      }
    };
    next.on('error', lost);
    next.on('end', () => lost());
    next.on('notification', (message) => onMessage(message.payload ?? ''));
    client = next;
    await next.connect();
    await next.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
  };
  const reconnect = async (): Promise<void> => {
    try {
      await connect();
      onGap();
    } catch (error) {
      log.warn({ err: error }, 'cannot listen for notifications yet');
      client = undefined;
      if (!stopped) timer = setTimeout(() => void reconnect(), RECONNECT_MS);
    }
  };
  try {
    await connect();
    if (client && (await isPooled(client))) log.warn(POOLED);
  } catch (error) {
    // The database being away now must not keep the process from starting: the periodic re-check stands behind.
    log.warn({ err: error }, 'cannot listen for notifications yet');
    client = undefined;
    timer = setTimeout(() => void reconnect(), RECONNECT_MS);
  }
  return async () => {
    stopped = true;
    clearTimeout(timer);
    const open = client;
    client = undefined;
    await open?.end().catch(() => {});
  };
}

/** Whether something between us and PostgreSQL hands out connections of its own: then the number of ours is not the one we were told. */
async function isPooled(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return rows[0].pid !== (client as unknown as { processID: number }).processID;
}

const POOLED =
  'notifications go through a pooler: in transaction mode none is heard, and streams end only with the re-check of every few seconds; set GRANTWAY_DIRECT_DATABASE_URL to PostgreSQL itself';
