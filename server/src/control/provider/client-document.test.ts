/** Our own client metadata document, and when providers are given its address (OAuth Client ID Metadata Document §4.1). */
import { expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { readDocument } from '../../core/clients/read-document.ts';
import { issuerKey, sharedCallbackUrl } from '../../core/connections/callback-url.ts';
import { documentUrl } from '../../core/providers/deps.ts';
import { clientDocumentRoutes } from './client-document.ts';

test('#211 #216 the document is what we ask of those of others: its own address, no secret, and the one callback', async () => {
  const base = 'https://gateway.example';
  const app = clientDocumentRoutes({ providers: { base } as never });
  const url = documentUrl(base);
  const response = await app.request(new URL(url).pathname);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  const text = await response.text();
  expect(readDocument(text, url, 'https://another.example')).toMatchObject({
    ok: true,
    value: { authMethod: 'none', metadata: { redirectUris: [sharedCallbackUrl(base)] } },
  });
  expect(JSON.parse(text)).toMatchObject({
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
  });
  expect((await app.request(`/client-metadata/${issuerKey('https://a.example')}.json`)).status).toBe(404);
});

test('providers are given its address only where they can fetch it', () => {
  const offered = (url: string, more = {}) => readConfig({ GRANTWAY_URL: url, ...more }).ownDocument;
  expect(offered('https://gateway.example')).toBe(true);
  expect(offered('https://gateway.example', { GRANTWAY_OWN_DOCUMENT: 'never' })).toBe(false);
  for (const url of ['http://localhost:4000', 'https://localhost', 'https://10.0.0.1', 'https://[fd00::1]']) {
    expect([url, offered(url)]).toEqual([url, false]);
  }
  expect(() => offered('https://a.example', { GRANTWAY_OWN_DOCUMENT: 'yes' })).toThrow('GRANTWAY_OWN_DOCUMENT');
});
