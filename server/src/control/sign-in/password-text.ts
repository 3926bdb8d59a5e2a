/** The password that a person chooses. */
import { ok, type Result, refused } from '../../platform/result.ts';
import { refusal } from './refusal.ts';

const LENGTH = { least: 8, most: 128 };

/** The text, or the finished refusal. What it is made of is the person's own affair. */
export function readPassword(value: unknown): Result<string, Response> {
  if (typeof value !== 'string') return refused(refusal(400, 'INVALID_PASSWORD', 'Choose a password.'));
  if (value.length < LENGTH.least)
    return refused(
      refusal(400, 'PASSWORD_TOO_SHORT', `The password is too short: use at least ${LENGTH.least} characters.`),
    );
  if (value.length > LENGTH.most)
    return refused(
      refusal(400, 'PASSWORD_TOO_LONG', `The password is too long: use at most ${LENGTH.most} characters.`),
    );
  return ok(value);
}
