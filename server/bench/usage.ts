/** Loaded into a measured process ahead of its own program: tells what the process has used, when its parent asks. */
import type { Usage } from './processes.ts';

process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  // Memory is asked for at rest: what is garbage by now is not what a stream costs.
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ usage: { cpu: user + system, system, rss, heap: heapUsed + external } satisfies Usage });
});
// The listener alone must not keep a process from ending.
process.channel?.unref();
