/** What a raw target means (SECURITY #164-167). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriesToken, isMetadata, matches, readMetadataTarget, readTarget } from './routes.ts';

const ROUTE = `/mcp-connect/user/${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}/${'1'.repeat(8)}-0000-7000-8000-${'1'.repeat(12)}/${'k'.repeat(32)}`;

describe('matches', () => {
  it('takes what is ours and every near miss, and nothing that is another’s', () => {
    for (const target of [
      '/mcp-connect',
      '/mcp-connect/',
      '/mcp-connect?x',
      '/mcp-connect;x',
      '/mcp-connect%2fx',
      ROUTE,
      '/.well-known/oauth-protected-resource',
      `/.well-known/oauth-protected-resource${ROUTE}`,
    ]) {
      expect([target, matches(target)]).toEqual([target, true]);
    }
    for (const target of [
      '/',
      '/mcp-connections',
      '/mcp-connect-x',
      '//mcp-connect/x',
      '/%6dcp-connect/x',
      'http://evil/mcp-connect/x',
      '*',
      '/.well-known/oauth-protected-resources',
      '/x/mcp-connect/',
    ]) {
      expect([target, matches(target)]).toEqual([target, false]);
    }
    expect([isMetadata(ROUTE), isMetadata('/.well-known/oauth-protected-resource/x')]).toEqual([false, true]);
  });
});

describe('readTarget', () => {
  it('reads route, rest and query', () => {
    expect(readTarget(ROUTE)).toMatchObject({ path: ROUTE, rest: '', query: '' });
    expect(readTarget(`${ROUTE}/`)).toMatchObject({ path: ROUTE, rest: '' });
    expect(readTarget(`${ROUTE}/a/b%20c/?x=1?y`)).toMatchObject({ path: ROUTE, rest: '/a/b%20c/', query: 'x=1?y' });
  });

  it('#165 refuses dot segments, empty segments and escaped separators in any form', () => {
    for (const rest of [
      '/..',
      '/.',
      '/a/../b',
      '/%2e%2e/b',
      '/.%2E/b',
      '/..%2fb',
      '/%252e%252e/b',
      '/..\\b',
      '/;/../b',
      '/a%5cb',
      '/a%00',
      '/a%0d%0a',
      '//b',
      '/a//b',
      '/a;b',
      '/#x',
      '/a b',
      '/é',
      '/a%',
      '/a%zz',
      '/{',
      '/"',
    ]) {
      expect([rest, readTarget(ROUTE + rest)]).toEqual([rest, null]);
    }
  });

  it('#166 whatever it takes, the parser of the next hop sees the same path', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('/', '.', '%', '2', 'e', 'f', '5', 'c', '\\', ';', '@', ':', 'a', '?', '#', '~'),
          maxLength: 12,
        }),
        (text) => {
          const read = readTarget(`${ROUTE}/${text}`);
          if (read === null) return true;
          return (
            new URL(`https://h/base${read.rest}`).pathname === `/base${read.rest}` && !/%(2f|5c|2e|25)/i.test(read.rest)
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

it('readMetadataTarget reads routes alone', () => {
  const base = '/.well-known/oauth-protected-resource';
  expect(readMetadataTarget(`${base}${ROUTE}?x`)?.path).toBe(ROUTE);
  for (const target of [base, `${base}/`, `${base}${ROUTE}/x`, `${base}/x`, `${base}//mcp-connect`])
    expect(readMetadataTarget(target)).toBeNull();
});

it('#181 carriesToken sees a token under any spelling of its name', () => {
  expect(['access_token=x', 'a=1&ACCESS_TOKEN=', '%61ccess_token=x'].every(carriesToken)).toBe(true);
  expect(['', 'a=access_token', 'token=1'].some(carriesToken)).toBe(false);
});
