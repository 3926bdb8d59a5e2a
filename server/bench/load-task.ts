/** What the load generator is told and what it tells. */
export type LoadTask = {
  port: number;
  /** Whole HTTP/1.1 requests, as text; connections take them in turn. */
  requests: string[];
  /** The one body that counts. */
  expected: string;
  concurrency: number;
  seconds: number;
};

/** Latencies in milliseconds. */
export type LoadResult = {
  right: number;
  wrong: number;
  firstWrong: string;
  seconds: number;
  p50: number;
  p99: number;
  max: number;
};
