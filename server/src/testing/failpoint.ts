/** Stops in the middle of an act: every statement of a transaction is a place where a test may wait, throw or kill. */
import type { Database } from '../platform/database.ts';
import type { Tx } from '../platform/transact.ts';

/** `number` counts the statements of one transaction from 1. `commit` is told before the COMMIT, `committed` after it. */
export type Moment = { phase: 'before' | 'after'; number: number; text: string } | { phase: 'commit' | 'committed' };

/** The same database, whose transactions call `at` at each moment and go on when it resolves. */
export function withFailpoints(database: Database, at: (moment: Moment) => void | Promise<void>): Database {
  const db = new Proxy(database.db, {
    get: (target, name) => {
      if (name !== '$transaction') return Reflect.get(target, name);
      return async (work: (tx: Tx) => Promise<unknown>, options: object) => {
        const result = await target.$transaction(async (tx) => {
          const returned = await work(watched(tx, at));
          await at({ phase: 'commit' });
          return returned;
        }, options);
        await at({ phase: 'committed' });
        return result;
      };
    },
  });
  return { ...database, db };
}

function watched(tx: Tx, at: (moment: Moment) => void | Promise<void>): Tx {
  let count = 0;
  const around =
    (text: string, run: (...parameters: unknown[]) => PromiseLike<unknown>) =>
    async (...parameters: unknown[]): Promise<unknown> => {
      const number = ++count;
      const [first] = parameters;
      const said = Array.isArray(first) ? first.join('?').trim() : text;
      await at({ phase: 'before', number, text: said });
      const result = await run(...parameters);
      await at({ phase: 'after', number, text: said });
      return result;
    };
  return new Proxy(tx, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      // How long a transaction may still wait is told only to one that has waited, as on a busy machine: no moment that each run has.
      if (name === '$executeRawUnsafe') return (member as () => unknown).bind(target);
      if (typeof member === 'function')
        return around(String(name), (member as () => PromiseLike<unknown>).bind(target));
      if (typeof member !== 'object' || member === null) return member;
      return new Proxy(member, {
        get: (model, act) => {
          const method = Reflect.get(model, act) as unknown;
          return typeof method === 'function'
            ? around(`${String(name)}.${String(act)}`, (method as () => PromiseLike<unknown>).bind(model))
            : method;
        },
      });
    },
  });
}

/** A database that stops at the first moment that matches, until told to go on. */
export function pausing(database: Database, matches: (moment: Moment) => boolean) {
  let reach: () => void;
  let resume: () => void;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  let done = false;
  const paused = withFailpoints(database, async (moment) => {
    if (done || !matches(moment)) return;
    done = true;
    reach();
    await resumed;
  });
  return { database: paused, reached, resume: () => resume() };
}

/** Whether a promise is still waiting after the others had every chance to finish it. */
export async function isWaiting(promise: Promise<unknown>, milliseconds = 150): Promise<boolean> {
  const late = Symbol('late');
  const first = await Promise.race([
    promise.catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, milliseconds, late)),
  ]);
  return first === late;
}
