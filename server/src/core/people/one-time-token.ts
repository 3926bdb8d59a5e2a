/** What a link by mail carries: it does one thing, once, within the hour. The table keeps its digest alone (#256, #268). */
import { v7 as uuidv7 } from 'uuid';
import { hashSecret, looksLikeSecret, newSecret, ONE_TIME_LINK } from '../../platform/secret.ts';
import type { Tx } from '../../platform/transact.ts';

/** What a token is good for. One of one purpose is nothing to another. */
export type TokenPurpose = 'sign-up' | 'password-reset' | 'email-verification';

export const ONE_TIME_SECONDS = 3_600;

/** Makes a token that will give `value` back, once. @returns the token, for the link and nothing else */
export async function issueToken(tx: Tx, purpose: TokenPurpose, value: string, now: Date): Promise<string> {
  const token = newSecret(ONE_TIME_LINK);
  const expiresAt = new Date(now.getTime() + ONE_TIME_SECONDS * 1000);
  await tx.verification.create({ data: { id: uuidv7(), identifier: identify(purpose, token), value, expiresAt } });
  return token;
}

/** Takes the token's value; null for a token that is unknown, used, expired or of another purpose. Of several at once one wins. */
export async function consumeToken(tx: Tx, purpose: TokenPurpose, token: unknown, now: Date): Promise<string | null> {
  if (typeof token !== 'string' || !looksLikeSecret(ONE_TIME_LINK, token)) return null;
  const [row] = await tx.$queryRaw<{ value: string }[]>`
    DELETE FROM verification WHERE identifier = ${identify(purpose, token)} AND expires_at > ${now} RETURNING value`;
  return row?.value ?? null;
}

/** Ends the tokens of the purpose with one of these values. */
export async function forgetTokens(tx: Tx, purpose: TokenPurpose, values: string[]): Promise<void> {
  await tx.verification.deleteMany({ where: { identifier: { startsWith: `${purpose}:` }, value: { in: values } } });
}

const identify = (purpose: TokenPurpose, token: string): string => `${purpose}:${hashSecret(token)}`;
