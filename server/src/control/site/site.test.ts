import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { siteRoutes } from './routes.ts';

const root = mkdtempSync(join(tmpdir(), 'grantway-site-'));
const siteDirectory = join(root, 'dist');
mkdirSync(join(siteDirectory, 'assets'), { recursive: true });
writeFileSync(join(root, 'secret.txt'), 'secret');
writeFileSync(join(siteDirectory, 'index.html'), '<!doctype html><title>Grantway</title>');
writeFileSync(join(siteDirectory, 'favicon.svg'), '<svg/>');
writeFileSync(join(siteDirectory, 'assets/index-Ab3dEf9h.js'), 'plain');
writeFileSync(join(siteDirectory, 'assets/index-Ab3dEf9h.js.br'), 'brotli');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const site = siteRoutes({ config: { url: 'https://gateway.example', siteDirectory } });
const get = (path: string, headers: Record<string, string> = {}) => site.request(path, { headers });

describe('the site', () => {
  test('every page is the SPA, kept by no cache, framed by nobody', async () => {
    for (const path of ['/', '/index.html', '/consent/abc', '/clients?status=REVOKED']) {
      const response = await get(path);
      expect(response.status, path).toBe(200);
      expect(await response.text()).toContain('<title>Grantway</title>');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000');
    }
  });

  test('hashed assets are kept for ever, and sent compressed to whoever takes that', async () => {
    const plain = await get('/assets/index-Ab3dEf9h.js');
    expect(plain.headers.get('cache-control')).toContain('immutable');
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await plain.text()).toBe('plain');
    const small = await get('/assets/index-Ab3dEf9h.js', { 'accept-encoding': 'gzip, br' });
    expect(small.headers.get('content-encoding')).toBe('br');
    expect(await small.text()).toBe('brotli');
    expect(
      (await get('/assets/index-Ab3dEf9h.js', { 'accept-encoding': 'br;q=0' })).headers.get('content-encoding'),
    ).toBeNull();
    expect((await get('/favicon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  test('an asset that is not there is a 404, not a page', async () => {
    for (const path of [
      '/assets/gone-12345678.js',
      '/assets/',
      '/robots.txt',
      '/.env',
      '/assets/index-Ab3dEf9h.js.br',
    ]) {
      expect((await get(path)).status, path).toBe(404);
    }
  });

  test('where programs ask, what is mistyped is a 404 that they can read, not a page', async () => {
    for (const path of [
      '/health/redy',
      '/health',
      '/oauth/tokens',
      '/.well-known/openid-configuration/x',
      '/api/auth/nothing',
      '/graphql/x',
      '/metrics',
      '/oauth',
      '/oauth//userinfo',
    ]) {
      for (const method of ['GET', 'POST']) {
        const response = await site.request(path, { method });
        expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 404, 'application/json']);
        expect(await response.json()).toMatchObject({ error: 'not_found' });
      }
    }
    for (const path of ['/healthy', '/apiary', '/oauth-clients']) expect((await get(path)).status, path).toBe(200);
  });

  test('no path leads out of the site', async () => {
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/..%5csecret.txt',
      '//etc/passwd',
    ]) {
      expect(await (await get(path)).text(), path).not.toBe('secret');
    }
  });

  test('C28 a prefetch of consent changes nothing and shows nothing', async () => {
    const response = await get('/consent/abc', { 'sec-purpose': 'prefetch;prerender' });
    expect(response.status).toBe(204);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect((await get('/', { 'sec-purpose': 'prefetch' })).status).toBe(200);
  });

  test('HEAD is GET without a body; other methods find nothing', async () => {
    const head = await site.request('/', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect((await site.request('/', { method: 'POST' })).status).toBe(404);
  });

  test('without a built site there is a page that says so', async () => {
    const bare = siteRoutes({ config: { url: 'http://localhost:4000', siteDirectory: join(root, 'nothing') } });
    const response = await bare.request('/');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('not built');
    expect(response.headers.get('strict-transport-security')).toBeNull();
  });
});
