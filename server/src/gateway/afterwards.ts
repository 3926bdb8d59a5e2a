/** What is left to do for a request when its client has all of the answer: done while this process would only wait, or soon at the latest. */

export type Afterwards = {
  /** Does `work` when `now` is called next, or within a few milliseconds. It must not throw. */
  later: (work: () => void) => void;
  /** Does all that is left. */
  now: () => void;
};

const SOON_MS = 5;

export function openAfterwards(): Afterwards {
  let left: (() => void)[] = [];
  let soon: NodeJS.Timeout | null = null;
  const now = (): void => {
    if (soon === null) return;
    clearTimeout(soon);
    soon = null;
    const works = left;
    left = [];
    for (const work of works) work();
  };
  return {
    later: (work) => {
      left.push(work);
      soon ??= setTimeout(now, SOON_MS);
    },
    now,
  };
}
