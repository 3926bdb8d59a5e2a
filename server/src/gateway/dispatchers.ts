/** The pools of sockets to upstreams: one for requests that come to an end, and others for event streams, which do not. */
import type { Dispatcher } from 'undici';

export type Dispatchers = {
  /** For one request of this method. */
  of: (method: string | undefined) => Dispatcher;
  destroy: () => Promise<void>;
};

const STREAM_POOLS = 64;

/**
 * A pool looks for a free socket among all that it has to an origin, one by one, for each request. Were the streams of one upstream in
 * it, thousands of busy ones would stand before the free one; so streams (a GET is one, MCP streamable HTTP) have pools of their own,
 * enough of them that opening the next one does not look through all others either.
 */
export function openDispatchers(open: () => Dispatcher): Dispatchers {
  const calls = open();
  const streams = Array.from({ length: STREAM_POOLS }, open);
  let turn = 0;
  return {
    of: (method) => (method === 'GET' ? (streams[turn++ % STREAM_POOLS] as Dispatcher) : calls),
    destroy: async () => {
      await Promise.all([calls, ...streams].map((dispatcher) => dispatcher.destroy()));
    },
  };
}
