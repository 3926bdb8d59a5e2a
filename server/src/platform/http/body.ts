/** The body of a request as text, never more of it than allowed. */
import { ok, type Result, refused } from '../result.ts';

export type BodyRefusal = 'too_large' | 'unreadable';

// Whoever needs longer for a few kilobytes is holding the connection open on purpose.
const DEADLINE_MS = 10_000;

/** Reads a body of at most `maxBytes` as UTF-8, within ten seconds. What is larger is refused before it is held in memory. */
export async function readText(request: Request, maxBytes: number): Promise<Result<string, BodyRefusal>> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return refused('too_large');
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    void reader?.cancel().catch(() => {});
  }, DEADLINE_MS);
  try {
    for (let part = await reader?.read(); reader && part && !part.done; part = await reader.read()) {
      size += part.value.byteLength;
      if (size > maxBytes) {
        await reader.cancel().catch(() => {});
        return refused('too_large');
      }
      chunks.push(part.value);
    }
    // A cancelled reader says "done": what came until then is not the body.
    if (late) return refused('unreadable');
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    // Not UTF-8, read before, or the sender went away.
    return refused('unreadable');
  } finally {
    clearTimeout(deadline);
  }
}

/** A media type without its parameters, in lower case; empty when there is none. */
export const mediaType = (contentType: string | null | undefined): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** The media type of a request. */
export const mediaTypeOf = (request: Request): string => mediaType(request.headers.get('content-type'));
