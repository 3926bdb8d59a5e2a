import { expect, test } from 'vitest';
import { returnTo } from './return-to.ts';

const BASE = 'https://gateway.example.com';

test('#257 only a path of our own is followed', () => {
  expect(returnTo(BASE, '/consent/abc?x=1')).toBe(`${BASE}/consent/abc?x=1`);
  for (const value of [
    '//evil.example',
    '/\\evil.example',
    '\\evil.example',
    'https:evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/\t/evil.example',
    '%2F%2Fevil.example',
    '/api/auth/sign-out',
    '',
    null,
    7,
    ['/a'],
  ])
    expect(returnTo(BASE, value), String(value)).toBe(`${BASE}/`);
});
