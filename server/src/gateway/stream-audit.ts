/** Records that streams were ended, away from the path that ends them: what must stop does not wait for the record. */
import { record } from '../core/audit/record.ts';
import { organizationOf } from '../core/grants/grant.ts';
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { type Tx, transact } from '../platform/transact.ts';
import type { NoteEnded } from './streams.ts';

type Entry = { claims: BearerClaims; because: string; streams: number; at: Date };

const DELAY_MS = 200;
const PER_TRANSACTION = 50;
const MAX_KEPT = 10_000;

export type StreamAudit = { note: NoteEnded; flush: () => Promise<void> };

/** One `stream.ended` event per sign-in and cause, with the number of streams. Kept and tried again while the database is away. */
export function openStreamAudit(database: Database, clock: Clock): StreamAudit {
  let entries = new Map<string, Entry>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const batch = [...entries];
    entries = new Map();
    for (let from = 0; from < batch.length; from += PER_TRANSACTION) {
      const some = batch.slice(from, from + PER_TRANSACTION);
      try {
        await transact(database, async (tx) => {
          const clientOf = await clientsOf(tx, some);
          for (const [, entry] of some) await record(tx, entry.at, eventOf(entry, clientOf));
        });
      } catch (error) {
        database.log.warn({ err: error }, 'ended streams could not be recorded yet');
        for (const [key, entry] of batch.slice(from)) if (entries.size < MAX_KEPT) entries.set(key, entry);
        schedule(DELAY_MS * 25);
        return;
      }
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };
  const schedule = (delay: number): void => {
    timer ??= setTimeout(() => void flush(), delay);
    timer.unref();
  };
  return {
    note: (claims, because) => {
      const { grantId, signInId } = originOf(claims);
      const key = `${grantId}/${signInId}/${because}`;
      const entry = entries.get(key);
      if (entry) entry.streams++;
      else entries.set(key, { claims, because, streams: 1, at: clock() });
      schedule(DELAY_MS);
    },
    flush,
  };
}

/** Which client each grant is of: a token names it as the protocol does, the record by its row. */
async function clientsOf(tx: Tx, entries: readonly [string, Entry][]): Promise<ReadonlyMap<string, string>> {
  const ids = entries.map(([, { claims }]) => originOf(claims).grantId).filter((id) => id !== null);
  const grants = await tx.oAuthGrant.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, oauthClientId: true },
  });
  return new Map(grants.map(({ id, oauthClientId }) => [id, oauthClientId]));
}

const eventOf = ({ claims, because, streams }: Entry, clientOf: ReadonlyMap<string, string>) => {
  const { grantId, signInId } = originOf(claims);
  return {
    kind: 'stream.ended' as const,
    ownerUserId: claims.userId,
    ownerOrganizationId: organizationOf(claims.executionContext),
    connectionId: claims.connectionId,
    connectResourceId: claims.connectResourceId,
    instanceId: claims.instanceId,
    grantId,
    oauthClientId: grantId === null ? null : (clientOf.get(grantId) ?? null),
    detail: { because, streams, ...(grantId === null ? { minterId: signInId } : { familyId: signInId }) },
  };
};
