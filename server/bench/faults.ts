/** Real faults while requests run: what clients are told meanwhile, how long it lasts afterwards, and that nothing acknowledged is lost. */
import { startServer } from '@grantway/prisma/postgres-server';
import { BAD_SIZE, type BadSize, measureBadUpstreams } from './bad-upstreams.ts';
import { databaseAway, databaseSlow, poolExhausted, restartedInCommit, tableLocked } from './database-faults.ts';
import { DISK_SIZE, type DiskSize, fillDisk } from './disk-full.ts';
import { openFaultGround } from './fault-ground.ts';
import { openGround } from './ground.ts';
import { clockOff, keysRotated, listeningCut, processKilled, processStopped } from './process-faults.ts';
import type { Verdict } from './verdict.ts';

/** `lastsMs`: how long a fault that lasts, lasts. `crashes`: of the database, each in a COMMIT. `rotations`: of the signing key. */
export type SystemSize = { lastsMs: number; crashes: number; rotations: number };
export type FaultsSize = { system: SystemSize; bad: BadSize; disk: DiskSize };
export const FAULTS_SIZE: FaultsSize = {
  system: { lastsMs: 8_000, crashes: 5, rotations: 2 },
  bad: BAD_SIZE,
  disk: DISK_SIZE,
};

/** Told each verdict as it is found. */
export type Hear = (verdict: Verdict) => void;

const RESTARTED_MS = 30_000;

/** Runs all faults, one after the other. */
export async function runFaults(size: FaultsSize, hear: Hear): Promise<void> {
  await breakDatabase(size.system, hear);
  await breakProcesses(size.system, hear);
  const ground = await openGround();
  await measureBadUpstreams(ground, size.bad, hear).finally(ground.close);
  hear(await fillDisk(size.disk));
}

/** Each begins with a system that has just been seen to work. */
export async function breakDatabase({ lastsMs, crashes }: SystemSize, hear: Hear): Promise<void> {
  await using begun = new AsyncDisposableStack();
  const server = await startServer({ durable: true });
  begun.defer(server.stop);
  const ground = await openFaultGround(server.url);
  begun.defer(ground.close);
  const { proxy } = ground;
  const stop = (away: boolean): Promise<void> => (away ? server.down('stopped') : server.up());
  hear(await databaseAway(ground, 'the database is stopped, and started', stop, lastsMs, RESTARTED_MS));
  hear(await databaseAway(ground, 'the database takes everything and says nothing', proxy.setSilent, lastsMs));
  hear(await databaseSlow(ground, lastsMs));
  hear(await tableLocked(ground, lastsMs));
  hear(await poolExhausted(ground));
  hear(await restartedInCommit(ground, server, crashes));
}

/** Their database is well: it may be on a server that is there already. */
export async function breakProcesses({ rotations }: SystemSize, hear: Hear, serverUrl?: string): Promise<void> {
  const ground = await openFaultGround(serverUrl);
  try {
    hear(await listeningCut(ground));
    hear(await keysRotated(ground, rotations));
    hear(await processStopped(ground));
    hear(await processKilled(ground));
    for (const [grant, shiftMs] of [20_000, -300_000, 86_400_000].entries())
      hear(await clockOff(ground, shiftMs, 20 + grant));
  } finally {
    await ground.close();
  }
}
