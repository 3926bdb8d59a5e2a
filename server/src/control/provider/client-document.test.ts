/** Our own client metadata document, and when providers are given its address (OAuth Client ID Metadata Document §4.1). */
import { expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { readDocument } from '../../core/clients/read-document.ts';
import { clientDocumentRoutes } from './client-document.ts';

test('#211 the document is what we ask of those of others: its own address, no secret, and our one callback', async () => {
  const base = 'https://gateway.example';
  const app = clientDocumentRoutes({ providers: { base } as never });
  const response = await app.request('/client-metadata.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  const text = await response.text();
  const read = readDocument(text, `${base}/client-metadata.json`, 'https://another.example');
  expect(read).toMatchObject({
    ok: true,
    value: { authMethod: 'none', metadata: { redirectUris: [`${base}/oauth/provider/callback`] } },
  });
  expect(JSON.parse(text)).toMatchObject({
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
  });
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
