/** What differs where a client takes another authorization server for this one, or knows this one by another address. */
import type { Difference } from './trace.ts';

/** Null where `named` is the issuer itself. Of what was named its origin and path are told, and nothing of what is no http URL. */
export function issuerDifference(issuer: string, named: unknown): Difference | null {
  if (named === issuer) return null;
  return { what: 'issuer', expected: issuer, got: typeof named === 'string' ? addressOf(named) : null };
}

function addressOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const { origin, pathname } = new URL(text);
  return pathname === '/' && !text.endsWith('/') ? origin : origin + pathname;
}
