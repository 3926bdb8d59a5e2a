/** The only place that opens a transaction. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prisma } from '@grantway/prisma/client';
import type { Database } from './database.ts';
import { isSerializationFailure, isTransient, Unavailable } from './transient.ts';

/** A running transaction. Rows are reached through it; no network is ever waited for while it is open. */
export type Tx = Prisma.TransactionClient;

/** Queues what has to happen once the transaction is durable: announcements, calls to others. It never runs for a rollback. */
export type AfterCommit = (act: () => void | Promise<void>) => void;

const ATTEMPTS = 4;
const TIMEOUT_MS = 15_000;
// What is waited for a connection is not waited once more for a lock: the caller hears of either within five seconds (#280).
const WAIT_MS = 4_000;
const MIN_WAIT_MS = 200;
const PATIENT_LIMITS = { maxWait: 30_000, timeout: 300_000 };

const patient = new WeakSet<object>();

/** Thrown by work that found itself to be more than an ordinary transaction has time for: `transact` runs it again with time. */
class NeedsPatience extends Error {}

/** Goes on only in a transaction that has time; in any other `transact` rolls back and runs the work again in one that does. */
export function takeTime(tx: Tx): void {
  if (!patient.has(tx)) throw new NeedsPatience('this transaction has no time for so much');
}

/**
 * Runs `work` in one READ COMMITTED transaction, whose locks are taken in this order everywhere:
 * user → organization → connection → client → grant → family → token.
 *
 * What `work` returns is committed, a refusal included: only a throw rolls back. A deadlock or a serialization failure runs
 * `work` again, and so does `takeTime`, so it must not touch anything outside `tx` (that is what `afterCommit` is for).
 * `waitingSince`, by performance.now(), is when the caller began to wait for the database, where that is before this.
 * @throws Unavailable when the database is away, or a lock was not had within `lock_timeout`; whatever else `work` throws.
 */
export async function transact<T>(
  database: Database,
  work: (tx: Tx, afterCommit: AfterCommit) => Promise<T>,
  waitingSince = performance.now(),
): Promise<T> {
  let hasTime = false;
  for (let attempt = 1; ; attempt++) {
    const queue: (() => void | Promise<void>)[] = [];
    try {
      const result = await (hasTime ? database.patient : database.db).$transaction(
        async (tx) => {
          if (hasTime) patient.add(tx);
          else await waitLess(tx, waitingSince);
          return work(tx, (act) => queue.push(act));
        },
        hasTime ? PATIENT_LIMITS : { maxWait: mayWait(waitingSince), timeout: TIMEOUT_MS },
      );
      for (const act of queue) await settle(database, act);
      return result;
    } catch (error) {
      if (error instanceof NeedsPatience && !hasTime) {
        hasTime = true;
      } else if (isSerializationFailure(error) && attempt < ATTEMPTS) {
        await sleep(5 * 2 ** attempt * Math.random());
      } else if (isTransient(error)) {
        throw new Unavailable(error);
      } else {
        throw error;
      }
    }
  }
}

/** Takes what was waited already from what `tx` may wait for a lock, where that is worth a statement. */
async function waitLess(tx: Tx, waitingSince: number): Promise<void> {
  if (performance.now() - waitingSince < WAIT_MS / 8) return;
  await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${mayWait(waitingSince)}`);
}

/** How many milliseconds more. */
const mayWait = (waitingSince: number): number =>
  Math.ceil(Math.max(MIN_WAIT_MS, WAIT_MS - (performance.now() - waitingSince)));

/** The deed is durable by now: a failure here is told in the log, and never turns what was done into an error. */
async function settle(database: Database, act: () => void | Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    database.log.error({ err: error }, 'after commit');
  }
}
