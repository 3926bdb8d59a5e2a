/** Our own client metadata document: what providers that take such read of us, at the address that is our client id. */
import { Hono } from 'hono';
import { documentUrl, type ProviderDeps } from '../../core/providers/deps.ts';
import { clientMetadata } from '../../core/providers/register-client.ts';

/** Served whatever the settings say: a provider that was given the address before must go on finding it. */
export function clientDocumentRoutes({ providers: { base } }: { providers: ProviderDeps }): Hono {
  // OAuth Client ID Metadata Document §4.1: its own address, and no secret, because it is public.
  const document = JSON.stringify({ client_id: documentUrl(base), ...clientMetadata(base, 'none') });
  const headers = {
    'content-type': 'application/json',
    'cache-control': 'public, max-age=3600',
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  };
  const app = new Hono();
  app.get(new URL(documentUrl(base)).pathname, () => new Response(document, { headers }));
  return app;
}
