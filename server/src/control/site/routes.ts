/** The SPA's files: hashed assets for ever, the page itself never kept, and a plain page where nothing is built. */
import { type Context, Hono } from 'hono';
import type { Config } from '../../config.ts';
import { isPrefetch, json } from '../../platform/http/reply.ts';
import { chooseEncoding, readSite, type SiteFile } from './file.ts';
import { securityHeaders } from './headers.ts';

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Grantway</title>
<h1>Grantway is running</h1><p>Its pages are not built yet. <code>npm start</code> builds them.</p></html>`;

/** Where programs ask, not people: what nobody took there is mistyped, and a page would look like an answer. */
const FOR_PROGRAMS = /^\/(api|graphql|health|metrics|oauth|\.well-known)(?![A-Za-z0-9_-])/;

/** The last routes of the control plane: whatever GET nobody else took is a page of the SPA. */
export function siteRoutes({ config }: { config: Pick<Config, 'siteDirectory' | 'url'> }): Hono {
  const files = readSite(config.siteDirectory);
  const headers = securityHeaders(config.url);
  const routes = new Hono();
  routes.use(async ({ req: { path } }, next) => (FOR_PROGRAMS.test(path) ? nothingHere(headers) : next()));
  routes.on(['GET', 'HEAD'], '*', (context) => {
    const { path } = context.req;
    const file = files?.get(path);
    if (file && path !== '/index.html') return send(context, file, headers, isHashed(path) ? IMMUTABLE : 'no-cache');
    // A missing script answered with a page would be a riddle in the browser's console.
    if (/^\/assets\/|\.[A-Za-z0-9]{1,11}$/.test(path) && path !== '/index.html')
      return sentence(404, 'There is no such file.', headers);
    // Consent that a browser merely looks ahead at is not shown, and nothing is asked for it (field note C28).
    if (path.startsWith('/consent/') && isAhead(context.req.raw))
      return new Response(null, { status: 204, headers: { ...headers, ...NO_STORE } });
    const page = files?.get('/index.html');
    if (page) return send(context, page, headers, 'no-store');
    return new Response(NOT_BUILT, {
      status: 503,
      headers: { ...headers, ...NO_STORE, 'content-type': 'text/html; charset=utf-8' },
    });
  });
  routes.all('*', () => sentence(404, 'There is nothing here.', headers));
  return routes;
}

const IMMUTABLE = 'public, max-age=31536000, immutable';
const NO_STORE = { 'cache-control': 'no-store' };

/** A HEAD is no look ahead here: it is answered like the GET, without the body. */
const isAhead = (request: Request): boolean => request.method === 'GET' && isPrefetch(request);

/** Vite puts a digest into the name of whatever it puts into `assets`. */
const isHashed = (path: string): boolean => /^\/assets\/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(path);

function send(context: Context, file: SiteFile, headers: Record<string, string>, cacheControl: string): Response {
  const encoding = chooseEncoding(file, context.req.header('accept-encoding'));
  const body = (encoding && file.encoded[encoding]) || file.body;
  return new Response(context.req.method === 'HEAD' ? null : body, {
    headers: {
      ...headers,
      'content-type': file.mediaType,
      'content-length': String(body.byteLength),
      'cache-control': cacheControl,
      vary: 'accept-encoding',
      ...(encoding ? { 'content-encoding': encoding } : {}),
    },
  });
}

const sentence = (status: number, text: string, headers: Record<string, string>): Response =>
  new Response(text, { status, headers: { ...headers, ...NO_STORE, 'content-type': 'text/plain; charset=utf-8' } });

const nothingHere = (headers: Record<string, string>): Response =>
  json(404, { error: 'not_found', error_description: 'There is nothing here.' }, { ...headers, ...NO_STORE });
