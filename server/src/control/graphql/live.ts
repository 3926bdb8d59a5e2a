/** The live half of the API: what any process records is handed to whoever is subscribed here, for as long as they may know of it. */
import { GraphQLError } from 'graphql';
import { hearRecorded, type Recorded, readRecorded } from '../../core/audit/recorded.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import { Feed } from './feed.ts';

export type Subscriber<T> = {
  /** The session or API key that it hangs on: how many each may have is limited. */
  holder: string;
  userId: string;
  /** What it is told of an event; null: nothing. Runs when it is asked for the next one, so a slow reader costs no reads. */
  tell: (event: Recorded) => Promise<T | null>;
  /** Whether an event may concern it at all, without asking the database. */
  concerns: (event: Recorded) => boolean;
  /** Whether it may go on: asked every few seconds. @throws when the database is away */
  mayGoOn: () => Promise<boolean>;
};

export type Live = {
  /** @throws TOO_MANY_SUBSCRIPTIONS */
  open: <T>(subscriber: Subscriber<T>) => Promise<AsyncIterableIterator<T>>;
  /** Ends every subscription, so that a server that closes can finish. */
  close: () => Promise<void>;
};

export const LIVE_LIMITS = { perHolder: 20, perPerson: 200, perProcess: 5_000, behind: 100 } as const;

// A session that ends elsewhere ends its subscriptions within five seconds: this and the time of the look itself.
const RECHECK_MS = 3_000;
const BATCH = 500;
/** So that five thousand are looked at in time, and a request still finds a connection to the database. */
const LOOKS_AT_ONCE = 4;
/** After these a person, a session or a key may be less than before: no need to wait for the look. */
const ENDS_PEOPLE = /^(user|member|organization|session|password|api_key)\./;

const nobody = () => ({ all: false, users: new Set<string>() });

type Open = { subscriber: Subscriber<unknown>; feed: Feed<unknown> };

export function openLive({ database, log }: { database: Database; log: Log }): Live {
  const open = new Set<Open>();
  let listening: Promise<() => Promise<void>> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let waiting: string[] = [];
  let handing: Promise<void> | null = null;
  let asked = nobody();
  let looking: Promise<void> | null = null;

  const hear = (ids: string[]): void => {
    if (open.size === 0) return;
    waiting.push(...ids);
    handing ??= handOver().finally(() => {
      handing = null;
    });
  };
  const handOver = async (): Promise<void> => {
    while (waiting.length > 0) {
      const ids = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      try {
        for (const event of await readRecorded(database, ids)) deliver(event);
      } catch (error) {
        log.warn({ err: error }, 'new events could not be read');
        waiting = [];
        gap();
      }
    }
  };
  const deliver = (event: Recorded): void => {
    for (const { subscriber, feed } of [...open]) if (subscriber.concerns(event)) feed.push(event);
    if (ENDS_PEOPLE.test(event.kind)) look(event.ownerUserId);
  };
  // Whoever missed something subscribes again, and loads what it shows again as it does then.
  const gap = (): void => {
    for (const { feed } of [...open]) feed.end();
  };
  // One look at a time, however slow the database: whom it was asked for meanwhile is looked at next, once, however often that was.
  const look = (userId: string | null): void => {
    if (userId === null) asked.all = true;
    else asked.users.add(userId);
    looking ??= lookOn().finally(() => {
      looking = null;
    });
  };
  const lookOn = async (): Promise<void> => {
    while (asked.all || asked.users.size > 0) {
      const { all, users } = asked;
      asked = nobody();
      const left = [...open].filter(({ subscriber }) => all || users.has(subscriber.userId));
      await Promise.all(
        Array.from({ length: LOOKS_AT_ONCE }, async () => {
          for (let one = left.pop(); one; one = left.pop()) {
            // A database that is away ends nothing here: it tells nothing new either.
            if (!(await one.subscriber.mayGoOn().catch(() => true))) one.feed.end();
          }
        }),
      );
    }
  };

  return {
    open: async <T>(subscriber: Subscriber<T>) => {
      const theirs = [...open].filter((one) => one.subscriber.userId === subscriber.userId);
      const held = theirs.filter((one) => one.subscriber.holder === subscriber.holder).length;
      // By person too: sessions and keys are theirs to make, and nobody may take the places of all others.
      if (held >= LIVE_LIMITS.perHolder || theirs.length >= LIVE_LIMITS.perPerson) throw tooMany();
      if (open.size >= LIVE_LIMITS.perProcess) throw tooMany();
      const feed = new Feed<T>(subscriber.tell, LIVE_LIMITS.behind, () => open.delete(entry));
      const entry = { subscriber, feed } as unknown as Open;
      open.add(entry);
      timer ??= setInterval(() => look(null), RECHECK_MS).unref();
      listening ??= hearRecorded(database, hear, gap);
      await listening;
      return feed;
    },
    close: async () => {
      clearInterval(timer);
      gap();
      await Promise.all([handing, looking]);
      await (await listening)?.();
    },
  };
}

const tooMany = (): GraphQLError =>
  new GraphQLError('There are too many subscriptions open here. Close some, or try again later.', {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', http: { status: 429, headers: { 'retry-after': '5' } } },
  });
