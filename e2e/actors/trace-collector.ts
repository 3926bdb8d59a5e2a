/** A collector of traces: takes OTLP over HTTP, as JSON to read and as protobuf to look into. */
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { portOf } from '../fixtures/port.ts';

export type CollectedSpan = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  /** As OTLP numbers them: 1 internal, 2 server, 3 client. */
  kind: number;
  attributes: Record<string, unknown>;
};
export type TraceCollector = {
  url: string;
  spans: () => CollectedSpan[];
  /** Everything that came, byte for byte. */
  received: () => string;
  /** The headers of each delivery. */
  deliveries: Record<string, unknown>[];
  stop: () => Promise<void>;
};

type Value = Record<string, unknown>;
type Otlp = { resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: OtlpSpan[] }[] }[] };
type Attribute = { key: string; value: Value };
type OtlpSpan = Omit<CollectedSpan, 'attributes' | 'parentSpanId'> & { parentSpanId?: string; attributes: Attribute[] };

export async function openTraceCollector(): Promise<TraceCollector> {
  const bodies: Buffer[] = [];
  const deliveries: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    deliveries.push({ ...request.headers, path: request.url });
    response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/json' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    deliveries,
    received: () => bodies.map((body) => body.toString('latin1')).join('\n'),
    spans: () =>
      bodies
        .filter((body) => body.at(0) === 0x7b) // {
        .flatMap((body) => (JSON.parse(body.toString()) as Otlp).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map((span) => ({
          ...span,
          parentSpanId: span.parentSpanId ?? '',
          attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
        })),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
