/** When a command here is asked to leave: by a signal, or because the npm that ran it was killed. */

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const ONE_CTRL_C_MS = 1_000;

/**
 * Calls `leave` at the first request and `now` at a later one.
 * One Ctrl-C arrives twice, from the terminal and from npm: what follows at once is the same request.
 *
 * @param {{ leave: (signal: NodeJS.Signals) => void, now: () => void }} acts
 * @returns {() => void} stops listening
 */
export function whenAskedToLeave({ leave, now }) {
  /** @type {number | undefined} */
  let asked;
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    if (asked === undefined) {
      asked = Date.now();
      leave(signal);
    } else if (Date.now() - asked > ONE_CTRL_C_MS) now();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);

  // A killed npm passes nothing on. Without npm, losing the parent means nothing: a shell may go and leave us running.
  const parent = process.ppid;
  const lost = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent) onSignal('SIGTERM');
  }, ONE_CTRL_C_MS);
  lost.unref();

  return () => {
    clearInterval(lost);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
