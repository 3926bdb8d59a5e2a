/** Loaded into a measured process ahead of its own program: tells what the process has used, when its parent asks. */
import type { Usage } from './processes.ts';

process.on('message', (message) => {
  if (message !== 'usage' && message !== 'usage at rest') return;
  const { user, system } = process.cpuUsage();
  // What is garbage by now is not what a stream costs. Not for every question: the time of it would count as that of requests.
  if (message === 'usage at rest') (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ usage: { cpu: user + system, system, rss, heap: heapUsed + external } satisfies Usage });
});
// Whoever measures may be killed itself: what it started does not outlive it.
process.once('disconnect', () => process.exit());
// The listener alone must not keep a process from ending.
process.channel?.unref();
