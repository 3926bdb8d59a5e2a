/** Our own client metadata document: what providers that take such read of us, at the address that is our client id. */
import { Hono } from 'hono';
import { sharedCallbackUrl } from '../../core/connections/callback-url.ts';
import { documentUrl, type ProviderDeps } from '../../core/providers/deps.ts';
import { clientMetadata } from '../../core/providers/register-client.ts';

const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=3600',
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
};

/** Served whatever the settings say: a provider that was given the address must go on finding it. */
export function clientDocumentRoutes({ providers: { base } }: { providers: ProviderDeps }): Hono {
  const url = documentUrl(base);
  // OAuth Client ID Metadata Document §4.1: its own address, and no secret, because it is public.
  const document = JSON.stringify({ client_id: url, ...clientMetadata(base, sharedCallbackUrl(base), 'none') });
  const app = new Hono();
  app.get(new URL(url).pathname, () => new Response(document, { headers: HEADERS }));
  return app;
}
