/** Forgets what tokens no longer need: sealed successors past the replay window, dead tokens, used codes. */
import type { Database } from '../../platform/database.ts';
import { inBatches } from '../../platform/in-batches.ts';

const BATCH = 1_000;
const DAY_MS = 86_400_000;
/** A used code is remembered so long, so that its replay still ends the family. */
const CODE_MEMORY_MS = DAY_MS;
/** Tokens of an ended family are kept for whoever asks what happened. */
const DEAD_MEMORY_MS = 30 * DAY_MS;

/**
 * Sweeps in small batches that skip locked rows, so traffic never waits for it. The hash of a rotated token stays while its family
 * lives: reuse is detected however late.
 * @returns how many rows it changed or deleted.
 */
export async function sweepTokens(database: Database, now: Date, replayWindowSeconds: number): Promise<number> {
  // A second window on top: a refresh that began inside the first may still be running.
  const replayed = new Date(now.getTime() - 2 * replayWindowSeconds * 1000);
  const used = new Date(now.getTime() - CODE_MEMORY_MS);
  const dead = new Date(now.getTime() - DEAD_MEMORY_MS);
  const { db } = database;
  const successors = await inBatches(
    BATCH,
    (size) => db.$executeRaw`
    UPDATE refresh_token SET sealed_successor = NULL WHERE id IN (
      SELECT t.id FROM rotated_token r JOIN refresh_token t ON t.id = r.refresh_token_id
      WHERE r.rotated_at < ${replayed} AND t.sealed_successor IS NOT NULL LIMIT ${size} FOR UPDATE OF t SKIP LOCKED)`,
  );
  // Of those that were locked at the moment the next sweep is told again.
  await inBatches(
    BATCH,
    (size) => db.$executeRaw`
    DELETE FROM rotated_token WHERE refresh_token_id IN (
      SELECT r.refresh_token_id FROM rotated_token r WHERE r.rotated_at < ${replayed} AND NOT EXISTS (
        SELECT 1 FROM refresh_token t WHERE t.id = r.refresh_token_id AND t.sealed_successor IS NOT NULL)
      LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  const codes = await inBatches(
    BATCH,
    (size) => db.$executeRaw`
    DELETE FROM authorization_code WHERE id IN (
      SELECT id FROM authorization_code WHERE expires_at < ${used} LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  const tokens = await inBatches(
    BATCH,
    (size) => db.$executeRaw`
    DELETE FROM refresh_token WHERE id IN (
      SELECT id FROM refresh_token WHERE expires_at < ${dead} OR revoked_at < ${dead} LIMIT ${size} FOR UPDATE SKIP LOCKED)`,
  );
  return successors + codes + tokens;
}
