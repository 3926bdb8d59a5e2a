/** The names of prepared statements, and going without them where a pooler between us and PostgreSQL does not carry them. */
import { createHash } from 'node:crypto';
import type { Log } from './log.ts';
import { sqlState } from './transient.ts';

/** Runs a statement under its name; '' is none, and the statement then has to be parsed each time. */
export type Named = <T>(name: string, text: string, run: (name: string) => Promise<T>) => Promise<T>;

// Not known on this connection, or known already: the pooler handed out another connection of its own than the one that parsed it.
const NOT_CARRIED = new Set(['26000', '42P05']);

/**
 * Names for one database. The first sign that they are not carried ends them for good, and the statement that met it runs again without
 * one: PostgreSQL says so before it runs anything. Outside of transactions alone, because the error would end one.
 */
export function openNames(log: Log): Named {
  const names = new Map<string, string>();
  let carried = true;
  return async (name, text, run) => {
    if (!carried) return run('');
    try {
      return await run(names.get(name) ?? remember(names, name, text));
    } catch (error) {
      if (!NOT_CARRIED.has(sqlState(error) ?? '')) throw error;
      if (carried) log.warn(WITHOUT_NAMES);
      carried = false;
      return run('');
    }
  };
}

/** With a digest of its text: behind a pooler the same name may be there from another version of the program. */
function remember(names: Map<string, string>, name: string, text: string): string {
  const whole = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  names.set(name, whole);
  return whole;
}

const WITHOUT_NAMES =
  'a pooler before the database does not carry prepared statements: every one is parsed anew, which costs more (PgBouncer carries them from 1.21 on, with max_prepared_statements above 0)';
