/** The time that all processes have in common: the database's, wherever a machine's own is another. */
import { type Clock, systemClock } from './clock.ts';
import type { Database } from './database.ts';

export type SharedClock = {
  clock: Clock;
  /** From now on the database is asked no more. */
  close: () => void;
};

const LOOK_MS = 5_000;
// Machines that are kept on time differ by less, and their own time is the steadier one.
const TOLERATED_MS = 1_000;

/**
 * A clock that goes by the database's where this machine's is more than a second off, so that tokens are issued and judged by one time
 * everywhere. It looks every five seconds, and says so in the log when it begins to correct. While the database does not answer, or
 * answers so late that its time says little, it goes on as it did.
 * @throws whatever the database throws at the first look.
 */
export async function openSharedClock(database: Database, own: Clock = systemClock): Promise<SharedClock> {
  // It is on this very machine.
  if (database.kind === 'embedded') return { clock: own, close: () => {} };
  let ahead = 0;
  const look = async (): Promise<void> => {
    const asked = own().getTime();
    const [[told] = []] = await database.rows(
      'grantway-clock',
      'SELECT extract(epoch FROM clock_timestamp()) * 1000',
      [],
    );
    const heard = own().getTime();
    if (heard - asked > TOLERATED_MS) return;
    const apart = Math.round(Number(told) - (asked + heard) / 2);
    const isOff = Math.abs(apart) > TOLERATED_MS;
    if (isOff && ahead === 0)
      database.log.warn(
        { seconds: apart / 1_000 },
        "this machine's clock is not the database's: the database's is used",
      );
    ahead = isOff ? apart : 0;
  };
  await look();
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS).unref();
  return { clock: () => new Date(own().getTime() + ahead), close: () => clearInterval(timer) };
}
