/** Answers that are built the same everywhere. */

/** An answer that no cache may keep (RFC 9111 §5.2.2.5; `Pragma` for the caches of HTTP/1.0). */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;

/** A JSON answer. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** Sends the browser on with GET, whatever method it came with: a 307 would take the form along (RFC 9700 §4.12). */
export const seeOther = (location: string, headers: Record<string, string> = {}): Response =>
  new Response(null, { status: 303, headers: { location, 'referrer-policy': 'no-referrer', ...NO_STORE, ...headers } });

/** Whether a browser only looks ahead: such a request may change nothing (field note C28). A HEAD asks for no more. */
export const isPrefetch = (request: Request): boolean =>
  request.method === 'HEAD' ||
  ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /prefetch|prerender|preview/i.test(request.headers.get(name) ?? ''),
  );
