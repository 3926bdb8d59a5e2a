/** A live check that tells which statements it sent, so that a test knows whether rows were read or remembered. */
import { type GrantClaims, type LiveAnswer, type LiveCheck, openLiveCheck } from '../core/grants/live.ts';
import type { Database } from '../platform/database.ts';
import type { TextRow } from '../platform/statement.ts';

/** The names of its statements: what the database sees; the rows, of personal connections alone or of any. */
export const [LOOK, PERSONS, ANYONES] = ['grantway-unchanged', 'grantway-live-personal', 'grantway-live'];

export type WatchedCheck = {
  check: LiveCheck;
  /** The names of the statements since it was last asked for them. */
  sent: () => string[];
  /** Asks until the answer is one that was remembered: others may commit on the same server. */
  remembered: (claims: GrantClaims) => Promise<LiveAnswer>;
};

/** Opens one. `change` may put something else in the place of what the database answered, or throw. */
export function openWatchedCheck(
  database: Database,
  change: (name: string, rows: TextRow[]) => TextRow[] = (_name, rows) => rows,
): WatchedCheck {
  const names: string[] = [];
  const sent = (): string[] => names.splice(0);
  const check = openLiveCheck({
    ...database,
    rows: async (name, text, values) => {
      names.push(name);
      return change(name, await database.rows(name, text, values));
    },
  });
  const remembered = async (claims: GrantClaims): Promise<LiveAnswer> => {
    for (let time = 0; time < 2_000; time++) {
      sent();
      const answer = await check(claims);
      if (sent().join() === LOOK) return answer;
    }
    throw new Error('something was committed each time');
  };
  return { check, sent, remembered };
}
