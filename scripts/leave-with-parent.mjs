/** Preloaded into every process that a script here starts: ends it when that script is gone, even if it was killed. */
const PATIENCE_MS = 12_000;

if (process.channel) {
  process.once('disconnect', () => {
    // One that leaves by itself, as the gateway does once it runs, takes a signal for "at once".
    if (process.listenerCount('disconnect') === 0) process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
  });
  process.channel.unref(); // the channel alone must not keep it running
}
