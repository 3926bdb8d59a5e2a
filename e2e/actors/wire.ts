/** A fetch that remembers its exchanges, so that a test can see what the SDK saw and when a stream has ended. */
export type Exchange = {
  method: string;
  url: string;
  requestHeaders: Headers;
  requestBody: string;
  status: number;
  responseHeaders: Headers;
  isStream: boolean;
  /** Resolves when the body has ended, whichever side ended it. */
  ended: Promise<void>;
};

export type Wire = { fetch: typeof fetch; exchanges: Exchange[] };

export function openWire(): Wire {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    fetch: async (input, init) => {
      const request = input instanceof Request ? input : undefined;
      const response = await fetch(input, init);
      let end: () => void = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      exchanges.push({
        method: init?.method ?? request?.method ?? 'GET',
        url: request?.url ?? String(input),
        requestHeaders: new Headers(init?.headers ?? request?.headers),
        requestBody: init?.body == null ? '' : String(init.body),
        status: response.status,
        responseHeaders: response.headers,
        isStream: response.headers.get('content-type')?.startsWith('text/event-stream') ?? false,
        ended,
      });
      if (!response.body) {
        end();
        return response;
      }
      const { status, statusText, headers, url } = response;
      const same = new Response(watched(response.body, end), { status, statusText, headers });
      Object.defineProperty(same, 'url', { value: url }); // `new Response` forgets it
      return same;
    },
  };
}

/** The same body, which says when it has ended, failed or been let go. */
function watched(body: ReadableStream<Uint8Array>, end: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        controller.error(error);
      }
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  });
}
