/** One HTTP request with exactly these headers, `Host` among them, which `fetch` does not let a caller choose. */
import { type IncomingHttpHeaders, request } from 'node:http';

export type Raw = { status: number; headers: IncomingHttpHeaders; body: string };
type Init = { method?: string; headers?: Record<string, string>; body?: string };

export function rawRequest(url: string, { method = 'GET', headers = {}, body }: Init = {}): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(url);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    request(
      { host: hostname, port, path: pathname + search, method, headers: { ...headers, ...length } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
        response.once('error', reject);
      },
    )
      .once('error', reject)
      .end(body);
  });
}
