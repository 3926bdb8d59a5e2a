/** Our own client metadata document, and when providers are given its address (OAuth Client ID Metadata Document §4.1). */
import { expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { readDocument } from '../../core/clients/read-document.ts';
import { callbackUrl } from '../../core/connections/callback-url.ts';
import { documentUrl } from '../../core/providers/deps.ts';
import { clientDocumentRoutes } from './client-document.ts';

test.each([
  [
    'of a provider',
    documentUrl('https://gateway.example', 'https://a.example'),
    callbackUrl('https://gateway.example', 'https://a.example'),
  ],
  ['of before', documentUrl('https://gateway.example'), 'https://gateway.example/oauth/provider/callback'],
])(
  '#211 #216 the document %s is what we ask of those of others: its own address, no secret, and one callback',
  async (_name, url, callback) => {
    const base = 'https://gateway.example';
    const app = clientDocumentRoutes({ providers: { base } as never });
    const response = await app.request(new URL(url).pathname);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const text = await response.text();
    const read = readDocument(text, url, 'https://another.example');
    expect(read).toMatchObject({
      ok: true,
      value: { authMethod: 'none', metadata: { redirectUris: [callback] } },
    });
    expect(JSON.parse(text)).toMatchObject({
      application_type: 'web',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    for (const name of ['short.json', `${'a'.repeat(22)}.txt`, `${'a'.repeat(23)}.json`]) {
      expect((await app.request(`/client-metadata/${name}`)).status).toBe(404);
    }
  },
);

test('providers are given its address only where they can fetch it', () => {
  const offered = (url: string, more = {}) => readConfig({ GRANTWAY_URL: url, ...more }).ownDocument;
  expect(offered('https://gateway.example')).toBe(true);
  expect(offered('https://gateway.example', { GRANTWAY_OWN_DOCUMENT: 'never' })).toBe(false);
  for (const url of ['http://localhost:4000', 'https://localhost', 'https://10.0.0.1', 'https://[fd00::1]']) {
    expect([url, offered(url)]).toEqual([url, false]);
  }
  expect(() => offered('https://a.example', { GRANTWAY_OWN_DOCUMENT: 'yes' })).toThrow('GRANTWAY_OWN_DOCUMENT');
});
