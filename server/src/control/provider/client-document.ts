/** Our own client metadata documents: what providers that take such read of us, at the address that is our client id. */
import { Hono } from 'hono';
import { CALLBACK_PATH } from '../../core/connections/callback-url.ts';
import { documentUrl, type ProviderDeps } from '../../core/providers/deps.ts';
import { clientMetadata } from '../../core/providers/register-client.ts';

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=3600',
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
};

/**
 * One for each provider, with its callback alone, and the one of before. Served whatever the settings say, and for any name: a provider
 * that was given the address must go on finding it, and nothing but the name is in it that is not in all others.
 */
export function clientDocumentRoutes({ providers: { base } }: { providers: ProviderDeps }): Hono {
  const document = (url: string, redirectUri: string): Response =>
    // OAuth Client ID Metadata Document §4.1: its own address, and no secret, because it is public.
    new Response(JSON.stringify({ client_id: url, ...clientMetadata(base, redirectUri, 'none') }), {
      headers: HEADERS,
    });
  const app = new Hono();
  app.get(new URL(documentUrl(base)).pathname, () => document(documentUrl(base), `${base}${CALLBACK_PATH}`));
  app.get('/client-metadata/:name{[A-Za-z0-9_-]{22}\\.json}', (c) => {
    const key = c.req.param('name').slice(0, -'.json'.length);
    return document(`${base}/client-metadata/${key}.json`, `${base}${CALLBACK_PATH}/${key}`);
  });
  return app;
}
