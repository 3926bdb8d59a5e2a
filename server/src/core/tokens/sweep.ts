/** Forgets what tokens no longer need: the way to their successors past the replay window, dead tokens, used codes. */
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
  // What somebody holds stays on the list for the next sweep; what is gone with its family leaves it. The list is short, has no index, for
  // which every refresh would pay, and is about in the order of its times: what is due comes first.
  const successors = await inBatches(
    BATCH,
    (size) => db.$executeRaw`
    WITH due AS MATERIALIZED (
      SELECT ctid AS at, refresh_token_id AS id FROM rotated_token WHERE rotated_at < ${replayed} LIMIT ${size} FOR UPDATE SKIP LOCKED
    ), held AS MATERIALIZED (
      SELECT t.id FROM due d JOIN refresh_token t ON t.id = d.id FOR UPDATE OF t SKIP LOCKED
    ), opened AS (
      UPDATE refresh_token t SET sealed_successor = NULL FROM held h WHERE t.id = h.id AND t.sealed_successor IS NOT NULL
    )
    DELETE FROM rotated_token r USING due d WHERE r.ctid = d.at
      AND (d.id IN (SELECT id FROM held) OR NOT EXISTS (SELECT 1 FROM refresh_token t WHERE t.id = d.id))`,
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

/**
 * Lists what a version of before the list has rotated beside this one, for `sweepTokens` to find. It reads all tokens, so it is for once,
 * when no such version runs any more. @returns how many it listed.
 */
export const listRotated = ({ db }: Database): Promise<number> => db.$executeRaw`
  INSERT INTO rotated_token (refresh_token_id, rotated_at)
  SELECT id, rotated_at FROM refresh_token WHERE sealed_successor IS NOT NULL AND rotated_at IS NOT NULL
    AND id NOT IN (SELECT refresh_token_id FROM rotated_token)`;
