import { expect, test } from 'vitest';
import { isAcceptableDocumentUrl, isDocumentUrl, verifiedHost } from './document-url.ts';

test('#26 what is no https address with a path, spelt as it is compared, is refused before anything is fetched', () => {
  const refused = [
    'http://app.example/client.json',
    'https://app.example',
    'https://app.example/',
    'https://app.example/a#b',
    'https://u:p@app.example/a',
    'https://u@app.example/a',
    'https://app.example/a/./b',
    'https://app.example/a/../b',
    'https://app.example/a/%2e%2e/b',
    'https://app.example/..',
    'https://app.example/a b',
    'https://app.example/a\tb',
    'https://app.example\\a',
    'HTTPS://app.example/a',
    'https://APP.example/a',
    'https:///x',
    'https://app.example:443/a',
    'https://app.example./a',
    'https://0177.0.0.1/x',
    'https://2130706433/x',
    'https://127.1/x',
    `https://app.example/${'a'.repeat(4_000)}`,
    'https://ａpp.example/a',
    'client_abc',
    'javascript:alert(1)',
    '',
  ];
  for (const clientId of refused) expect(isAcceptableDocumentUrl(clientId), clientId).toBe(false);
  for (const clientId of [
    'https://app.example/client.json',
    'https://app.example:8443/oauth/metadata',
    'https://xn--bcher-kva.example/a',
  ]) {
    expect(isAcceptableDocumentUrl(clientId), clientId).toBe(true);
  }
});

test('#38 registered ids are never taken for documents', () => {
  expect(isDocumentUrl('client_abc')).toBe(false);
  expect(isDocumentUrl('HTTPS://app.example/a')).toBe(true);
  expect(verifiedHost('https://app.example:8443/a')).toBe('app.example:8443');
});
