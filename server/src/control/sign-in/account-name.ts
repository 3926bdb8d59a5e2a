/** The name that a person gives themselves. */
import { ok, type Result, refused } from '../../platform/result.ts';

const MAX_LENGTH = 80;

/** It is shown where people decide, so it is one short line. */
export function readAccountName(value: unknown): Result<string, string> {
  if (typeof value !== 'string' || value.trim() === '') return refused('Give your name.');
  if ([...value].length > MAX_LENGTH) return refused(`A name has at most ${MAX_LENGTH} characters.`);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return refused('A name has no line breaks or other control characters.');
  return ok(value.trim());
}
