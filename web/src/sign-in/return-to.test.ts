import { describe, expect, test } from 'vitest';
import { safeReturnTo } from './return-to.ts';

const origin = 'https://grantway.example';

describe('the path to return to', () => {
  test('keeps path, search and hash', () => {
    expect(safeReturnTo('/clients?status=revoked#a', origin)).toBe('/clients?status=revoked#a');
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'https://evil.example/',
    'https://grantway.example/clients',
    'javascript:alert(1)',
    'clients',
    '',
    42,
    undefined,
  ])('refuses %s', (value) => {
    expect(safeReturnTo(value, origin)).toBeUndefined();
  });

  test('never leads back to signing in', () => {
    expect(safeReturnTo('/sign-in?returnTo=/clients', origin)).toBeUndefined();
    expect(safeReturnTo('/sign-up', origin)).toBeUndefined();
  });
});
