/** The recording of traces: what a collector gets, and that an error's words are not among it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, vi } from 'vitest';
import { openLog } from './log.ts';
import { inSpan } from './span.ts';
import { openTracing } from './tracing.ts';

it('a collector gets the steps as protobuf: a failed one by the name of its error, never by its message', async () => {
  const got: { path: string | undefined; type: string | undefined; body: Buffer }[] = [];
  const collector = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    got.push({ path: req.url, type: req.headers['content-type'], body: Buffer.concat(chunks) });
    res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  const batch = { delay: 10, timeout: 1_000, queue: 100, size: 50 };
  const close = openTracing(
    { protocol: 'http/protobuf', sampler: 'parentbased_always_on', ratio: 1, batch },
    openLog('silent'),
  );
  const failing = inSpan('the outer step', { 'grantway.grant.id': 'a-grant' }, () =>
    inSpan('the inner step', {}, () => Promise.reject(new TypeError('the secret word'))),
  );
  await expect(failing).rejects.toThrow('the secret word');
  await close();
  vi.unstubAllEnvs();
  collector.close();
  expect(got.map(({ path, type }) => [path, type])).toContainEqual(['/v1/traces', 'application/x-protobuf']);
  const text = Buffer.concat(got.map(({ body }) => body)).toString('latin1');
  for (const said of ['the outer step', 'the inner step', 'a-grant', 'TypeError', 'grantway'])
    expect(text).toContain(said);
  expect(text).not.toContain('the secret word');
});
