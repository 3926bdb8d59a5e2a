import { expect, test } from 'vitest';
import {
  AUTHORIZATION_CODE,
  deriveSecret,
  hashSecret,
  looksLikeSecret,
  newHandle,
  newSecret,
  REFRESH_TOKEN,
  sameSecret,
} from './secret.ts';

test('#277 a secret has a prefix and a checksum, and no kind passes for another', () => {
  const secret = newSecret(REFRESH_TOKEN);
  expect(secret).toMatch(/^gwr_[A-Za-z0-9_-]{43}[0-9a-z]{7}$/);
  expect(looksLikeSecret(REFRESH_TOKEN, secret)).toBe(true);
  expect(looksLikeSecret(AUTHORIZATION_CODE, secret)).toBe(false);
  const changed = `gwr_${secret[4] === 'A' ? 'B' : 'A'}${secret.slice(5)}`;
  expect(looksLikeSecret(REFRESH_TOKEN, changed)).toBe(false);
});

test('a derived secret is the same again for whoever has the other secret and the salt, and another for everybody else', () => {
  const from = newSecret(REFRESH_TOKEN);
  const derived = deriveSecret(REFRESH_TOKEN, from, 'salt');
  expect(looksLikeSecret(REFRESH_TOKEN, derived)).toBe(true);
  expect(deriveSecret(REFRESH_TOKEN, from, 'salt')).toBe(derived);
  const others = [
    deriveSecret(REFRESH_TOKEN, from, 'other salt'),
    deriveSecret(REFRESH_TOKEN, newSecret(REFRESH_TOKEN), 'salt'),
    deriveSecret(AUTHORIZATION_CODE, from, 'salt'),
    // Nor is it what the database keeps of a secret.
    `gwr_${hashSecret(from)}`,
  ].map((other) => other.slice(4, 47));
  expect(new Set([derived.slice(4, 47), from.slice(4, 47), ...others]).size).toBe(6);
});

test('#79 secrets and handles do not repeat and have no order', () => {
  const handles = Array.from({ length: 2000 }, newHandle);
  expect(new Set(handles).size).toBe(2000);
  expect([...handles].sort()).not.toEqual(handles);
  expect(Buffer.from(handles[0] as string, 'base64url').length).toBe(24);
});

test('#126 what cannot be a secret is told without a look-up', () => {
  for (const text of ['', 'gwr_', 'x'.repeat(10_000), 'gwr_\0', `gwr_${'a'.repeat(50)}`]) {
    expect(looksLikeSecret(REFRESH_TOKEN, text)).toBe(false);
  }
});

test('a digest is not the secret, and comparison tells equal from unequal', () => {
  const secret = newSecret(REFRESH_TOKEN);
  expect(hashSecret(secret)).not.toContain(secret.slice(4, 20));
  expect(sameSecret(secret, secret)).toBe(true);
  expect(sameSecret(secret, `${secret}x`)).toBe(false);
});
