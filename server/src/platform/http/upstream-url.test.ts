/** Which URLs may be stored as an upstream's (SECURITY #32, #193). */
import { describe, expect, it } from 'vitest';
import { readAllowList } from './address-guard.ts';
import { checkUpstreamUrl } from './upstream-url.ts';

const none = readAllowList([]);
const loopback = readAllowList(['localhost', '127.0.0.0/8', '::1']);

describe('checkUpstreamUrl', () => {
  it('takes public https URLs', () => {
    for (const text of [
      'https://mcp.example.com/mcp',
      'https://example.com:8443/a/b?x=1',
      'https://8.8.8.8/mcp',
      'HTTPS://Example.com',
    ]) {
      expect([text, checkUpstreamUrl(text, none).ok]).toEqual([text, true]);
    }
  });

  it('#193 refuses other schemes, user information, fragments, dot segments, odd characters and great length', () => {
    const texts = [
      '',
      'x',
      '/mcp',
      '//example.com',
      'file:///etc/passwd',
      'gopher://example.com',
      'ftp://example.com',
      'javascript:1',
      'http://example.com',
      'https://user@example.com',
      'https://user:pass@example.com',
      'https://example.com/#x',
      'https://example.com/a/../b',
      'https:example.com',
      'https://example.com/%2e%2e/b',
      'https://example.com/a%2fb',
      'https:\\\\example.com',
      'https://exa mple.com',
      'https:///example.com',
      'https://example.com/\u0000',
      'https://ex\tample.com',
      `https://example.com/${'a'.repeat(2_050)}`,
      'https://①②⑦.⓪.⓪.①/',
    ];
    expect(texts.filter((text) => checkUpstreamUrl(text, none).ok)).toEqual([]);
  });

  it('#32 refuses private addresses in every spelling that the parser completes', () => {
    const texts = [
      'https://127.0.0.1/',
      'https://0177.0.0.1/',
      'https://2130706433/',
      'https://0x7f.1/',
      'https://127.1/',
      'https://[::ffff:7f00:1]/',
      'https://[::1]/',
      'https://localhost/',
      'https://localhost./',
      'https://x.localhost/',
      'https://169.254.169.254/',
      'https://[fe80::1]/',
      'https://0/',
      'https://[fe80::1%25eth0]/',
    ];
    expect(texts.filter((text) => checkUpstreamUrl(text, none).ok)).toEqual([]);
  });

  it('takes http and loopback for what is opened', () => {
    for (const text of [
      'http://localhost:3001/mcp',
      'http://127.0.0.1:3001/mcp',
      'http://[::1]:3001/mcp',
      'http://127.1/mcp',
    ]) {
      expect([text, checkUpstreamUrl(text, loopback).ok]).toEqual([text, true]);
    }
    expect(checkUpstreamUrl('http://10.0.0.1/mcp', loopback).ok).toBe(false);
    expect(checkUpstreamUrl('http://example.com/mcp', loopback).ok).toBe(false);
  });

  it('#193 refuses ports of other protocols', () => {
    for (const port of [22, 25, 6379, 5432, 6667])
      expect(checkUpstreamUrl(`https://example.com:${port}/`, none).ok).toBe(false);
  });
});
