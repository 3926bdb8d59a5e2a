/** Wrong passwords for one account, from wherever they come: better-auth counts by network alone (#254). */
import type { Database } from '../../platform/database.ts';
import { openLimiter } from '../../platform/rate-limit.ts';
import { hashSecret } from '../../platform/secret.ts';
import { refusal } from './refusal.ts';

/** More than a person mistypes, far less than a guesser needs. It is over by itself, so nobody is locked out for good. */
const WRONG_PASSWORDS = { points: 30, seconds: 15 * 60 };

export type Attempts = {
  /** The refusal, where there were too many for this e-mail address; it need not be anyone's. @throws Unavailable */
  refuse: (email: unknown) => Promise<Response | null>;
  /** Notes a wrong password. @throws Unavailable */
  noteWrong: (email: unknown) => Promise<void>;
};

export function openAttempts(database: Database): Attempts {
  const limiter = openLimiter(database, 'wrong-password', WRONG_PASSWORDS);
  return {
    refuse: async (email) => {
      const allowance = await limiter.look(keyOf(email));
      if (allowance.allowed) return null;
      const headers = { 'retry-after': String(allowance.retryAfter) };
      return refusal(429, 'TOO_MANY_ATTEMPTS', 'Too many wrong passwords for this account. Try again later.', headers);
    },
    noteWrong: async (email) => {
      await limiter.take(keyOf(email));
    },
  };
}

/** A digest, so that the table of counters is no list of addresses. */
const keyOf = (email: unknown): string => hashSecret(String(email).trim().toLowerCase());
