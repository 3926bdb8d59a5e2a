/** `fetch` behind the guard for answers that may be streams: bounded in bytes, ended by the caller's signal. */
import { type Dispatcher, fetch } from 'undici';
import type { AllowList } from './address-guard.ts';
import { checkUpstreamUrl } from './upstream-url.ts';

/**
 * The URL is judged as at save and the address when it is dialled; a redirect is returned, never followed; the body breaks off past
 * `maxBytes`, all answers of this function counted together. Has no deadline of its own.
 */
export function openStreamingFetch(
  dispatcher: Dispatcher,
  allow: AllowList,
  maxBytes: number,
): typeof globalThis.fetch {
  let left = maxBytes;
  return (async (input: string | URL, init: Record<string, unknown> = {}) => {
    const url = checkUpstreamUrl(String(input), allow);
    if (!url.ok) throw new Error(url.reason);
    const headers = new Headers(init.headers as HeadersInit | undefined);
    // Else the limit would bound the compressed bytes alone.
    headers.set('accept-encoding', 'identity');
    const answer = await fetch(url.value, { ...init, headers: [...headers], dispatcher, redirect: 'manual' });
    const counted = answer.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          left -= chunk.length;
          if (left < 0) controller.error(new Error(`the answers are larger than ${maxBytes} bytes`));
          else controller.enqueue(chunk);
        },
      }) as never,
    );
    return new Response((counted ?? null) as ReadableStream | null, {
      status: answer.status,
      headers: new Headers([...answer.headers]),
    });
  }) as typeof globalThis.fetch;
}
