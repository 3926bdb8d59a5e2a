/** Wrong passwords for one account, from wherever they come: better-auth counts by network alone (#254). */
import type { Database } from '../../platform/database.ts';
import { openLimiter } from '../../platform/rate-limit.ts';
import { hashSecret } from '../../platform/secret.ts';
import { refusal } from './refusal.ts';

/** More than a person mistypes, far less than a guesser needs. It is over by itself, so nobody is locked out for good. */
const WRONG_PASSWORDS = { points: 30, seconds: 15 * 60 };
/** Of them the record takes some: it must not be filled by whoever guesses. */
const RECORDED = { points: 3, seconds: 15 * 60 };

export type Attempts = {
  /** The refusal, where there were too many for this e-mail address; it need not be anyone's. @throws Unavailable */
  refuse: (email: unknown) => Promise<Response | null>;
  /** Notes a wrong password. @returns whether it is one of those to record @throws Unavailable */
  noteWrong: (email: unknown) => Promise<boolean>;
  /** Begins to count anew: the password is another one. @throws Unavailable */
  forget: (email: string) => Promise<void>;
};

export function openAttempts(database: Database): Attempts {
  const limiter = openLimiter(database, 'wrong-password', WRONG_PASSWORDS);
  const recorded = openLimiter(database, 'wrong-password-recorded', RECORDED);
  return {
    refuse: async (email) => {
      const allowance = await limiter.look(keyOf(email));
      if (allowance.allowed) return null;
      const headers = { 'retry-after': String(allowance.retryAfter) };
      return refusal(429, 'TOO_MANY_ATTEMPTS', 'Too many wrong passwords for this account. Try again later.', headers);
    },
    noteWrong: async (email) => {
      await limiter.take(keyOf(email));
      return (await recorded.take(keyOf(email))).allowed;
    },
    forget: async (email) => {
      await limiter.forget(keyOf(email));
    },
  };
}

/** A digest, so that the table of counters is no list of addresses. */
export const keyOf = (email: unknown): string => hashSecret(String(email).trim().toLowerCase());
