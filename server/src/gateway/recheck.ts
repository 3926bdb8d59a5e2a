/** The look at all open streams that stands behind the announcements: whatever was missed ends within five seconds. */
import type { LiveAnswer } from '../core/grants/live.ts';
import type { BearerCheck, BearerClaims } from '../core/tokens/bearer-token.ts';
import { EVERY_REQUEST } from '../platform/batched.ts';
import type { Log } from '../platform/log.ts';
import type { OpenStream, Streams } from './streams.ts';

const EVERY_MS = 4_000;
// A request was checked when it began: until then the periodic look lets it be. Together with the period this is under five seconds.
const FRESH_MS = 900;
// As many as share one statement, one behind the other: what requests ask goes beside them, and never queues behind a look.
const AT_ONCE = EVERY_REQUEST.limit;

export type Recheck = {
  /** Looks at every open stream now, also at those that have just begun. Never throws. */
  sweep: () => Promise<void>;
  close: () => void;
};

/**
 * Judges open streams by their grant, not by the life of the token that opened them: a stream may outlive its access token, for as
 * long as the grant, its family and everything that they hang on stand (#187). There is no other limit to its age.
 * A fault of the database ends nothing; the next look that succeeds does.
 */
export function openRecheck(streams: Streams, isLive: BearerCheck, log: Log): Recheck {
  let running: Promise<void> | null = null;
  let again = false;
  const look = async (freshMs: number): Promise<void> => {
    const before = performance.now() - freshMs;
    // Streams of one token are asked about once: their claims are the same object.
    const open = new Map<BearerClaims, OpenStream[]>();
    for (const stream of streams) {
      if (stream.startedAt > before) continue;
      const same = open.get(stream.claims);
      if (same) same.push(stream);
      else open.set(stream.claims, [stream]);
    }
    const entries = [...open];
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      await Promise.all(entries.slice(from, from + AT_ONCE).map(([claims, those]) => judge(claims, those)));
    }
  };
  const judge = async (claims: BearerClaims, those: OpenStream[]): Promise<void> => {
    const answer: LiveAnswer = await isLive(claims);
    if (!answer.live) streams.endAll(those, answer.because);
  };
  const guarded = (freshMs: number): Promise<void> =>
    look(freshMs).catch((error: unknown) => log.warn({ err: error }, 'open streams could not be checked'));
  const sweep = (): Promise<void> => {
    if (running) {
      // What was announced after the running look began is not in it.
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await guarded(0);
      } while (again);
      running = null;
    })();
    return running;
  };
  const timer = setInterval(() => {
    streams.tick();
    if (!running) void guarded(FRESH_MS);
  }, EVERY_MS);
  timer.unref();
  return { sweep, close: () => clearInterval(timer) };
}
