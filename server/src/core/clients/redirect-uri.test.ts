import { describe, expect, test } from 'vitest';
import { matchRedirectUri, redirectUriProblem } from './redirect-uri.ts';

const OWN = 'https://gateway.example.com';

describe('what may be registered', () => {
  test.each([
    'https://client.example/cb',
    'https://client.example:8443/cb?x=1',
    'https://vscode.dev/redirect',
    'https://xn--bcher-kva.example/cb',
    'http://localhost/callback',
    'http://localhost:7777',
    'http://127.0.0.1/',
    'http://127.0.0.1:33418/',
    'http://127.1.2.3:1/x',
    'http://[::1]:8080/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'vscode://ms.mcp/cb',
    'com.example.app:/oauth2redirect',
    'com.example.app:cb',
  ])('field notes C23, C25, C26: %s', (uri) => {
    expect(redirectUriProblem(uri, OWN)).toBeNull();
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    ' javascript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://x/y',
    'about:blank',
    'intent://x#Intent;end',
    'view-source:https://x',
    'ms-msdt:/id',
    'urn:ietf:wg:oauth:2.0:oob',
  ])('#14 not %s', (uri) => {
    expect(redirectUriProblem(uri, OWN)).not.toBeNull();
  });

  test.each([
    ['plain http', 'http://example.com/cb'],
    ['a name that only begins like loopback', 'http://127.0.0.1.evil.com/cb'],
    ['another name for loopback', 'http://localhost.evil.com/cb'],
    ['every address', 'http://0.0.0.0/cb'],
    ['an octal address', 'http://0177.0.0.1/cb'],
    ['a number as an address', 'http://2130706433/cb'],
    ['a short address', 'http://127.1/cb'],
    ['a disguised address', 'https://0x7f.1/cb'],
    ['a fragment', 'https://client.example/cb#x'],
    ['an empty fragment', 'https://client.example/cb#'],
    ['user information', 'https://good@evil.example/cb'],
    ['empty user information', 'https://@evil.example/cb'],
    ['user information before a private host', 'cursor://a@b/cb'],
    ['a wildcard host', 'https://*.example.com/cb'],
    ['a wildcard path', 'https://client.example/*'],
    ['a dot segment', 'https://client.example/a/../cb'],
    ['an encoded dot segment', 'https://client.example/a/%2e%2E/cb'],
    ['a dot segment before a semicolon', 'https://client.example/a/..;/cb'],
    ['a backslash', 'https://client.example\\@evil/cb'],
    ['letters of other scripts', 'https://аpple.com/cb'],
    ['a host that ends with a dot', 'https://client.example./cb'],
    ['no host', 'https:///cb'],
    ['no slashes', 'https:client.example/cb'],
    ['a port that is none', 'http://localhost:65536/cb'],
    ['broken encoding', 'https://client.example/%zz'],
    ['nothing', ''],
    ['a scheme alone', 'cursor:'],
    ['a relative reference', '/cb'],
    ['four kilobytes', `https://client.example/${'a'.repeat(4_000)}`],
    ['our own origin', `${OWN}/oauth/provider/callback`],
    ['our own origin, its port written out', 'https://gateway.example.com:443/authorize'],
  ])('#15 not %s: %s', (_what, uri) => {
    expect(redirectUriProblem(uri, OWN)).not.toBeNull();
  });

  test('#15 a gateway on loopback is itself by each of its names, and every other port is a client', () => {
    const own = 'http://localhost:4000';
    expect(redirectUriProblem('http://localhost:4000/cb', own)).not.toBeNull();
    expect(redirectUriProblem('http://127.0.0.1:4000/cb', own)).not.toBeNull();
    expect(redirectUriProblem('http://127.0.0.1:4001/cb', own)).toBeNull();
  });
});

describe('what a request matches', () => {
  const match = (registered: string, requested: string) => matchRedirectUri([registered], requested, OWN);

  test.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:49152/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1:49152/cb'],
    ['http://[::1]/cb', 'http://[::1]:5/cb'],
    ['http://localhost/callback', 'http://localhost:61234/callback'],
    ['http://localhost:3000/cb?a=1', 'http://localhost/cb?a=1'],
    ['http://127.0.0.1/', 'http://127.0.0.1:33418'],
    ['http://127.0.0.1:33418', 'http://127.0.0.1:5/'],
  ])('#45, field notes C23 and C25: %s is %s, and the registered text is what counts', (registered, requested) => {
    expect(match(registered, requested)).toBe(registered);
  });

  test.each([
    ['http://127.0.0.1/cb', 'http://localhost/cb'],
    ['http://127.0.0.1/cb', 'http://[::1]/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.2/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1.evil.com/cb'],
    ['http://127.0.0.1/cb', 'http://0.0.0.0/cb'],
    ['http://127.0.0.1/cb', 'https://127.0.0.1/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1/cb/'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1/cb?x=1'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:1@evil.com/cb'],
    ['http://localhost/cb', 'http://localhost:99999/cb'],
  ])('#46 %s is not %s', (registered, requested) => {
    expect(match(registered, requested)).toBeNull();
  });

  test.each([
    'https://client.example/CB',
    'https://client.example/cb/',
    'https://client.example/cb?x=1',
    'https://client.example/a/../cb',
    'https://client.example/%63b',
    'https://client.example/cb;x',
    'https://client.example/cb#x',
    'https://good@client.example/cb',
    'https://client.example@evil/cb',
    'https://a@b@client.example/cb',
    'https://client.example:8443/cb',
    'http://client.example/cb',
    'https://www.client.example/cb',
    'https://client.example\\cb',
    'https://client.example/cb%00',
    'https://client.example/cbb',
    'not a uri',
    '',
  ])('#43, #47 https://client.example/cb is not %s', (requested) => {
    expect(match('https://client.example/cb', requested)).toBeNull();
  });

  test('private-use schemes are compared as they stand', () => {
    expect(match('cursor://a/cb', 'cursor://a/cb')).toBe('cursor://a/cb');
    expect(match('cursor://a/cb', 'cursor://a/cb/')).toBeNull();
  });

  test('#15 a registered loopback URI never leads to a gateway on loopback', () => {
    expect(matchRedirectUri(['http://localhost/cb'], 'http://localhost:4000/cb', 'http://localhost:4000')).toBeNull();
    expect(matchRedirectUri(['http://127.0.0.1/cb'], 'http://127.0.0.1:4000/cb', 'http://localhost:4000')).toBeNull();
  });
});
