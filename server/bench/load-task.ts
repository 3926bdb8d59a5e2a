/** What the load generator is told and what it tells. */
export type LoadTask = {
  port: number;
  /** Whole HTTP/1.1 requests, as text; connections take them in turn. */
  requests: string[];
  /** The one body that counts. */
  expected: string;
  concurrency: number;
  seconds: number;
  /** How long a connection rests after each answer, so that the machine has something left for others. Absent: not at all. */
  pauseMs?: number;
  /** Seconds at the beginning, of `seconds`, whose answers have to be right but are not counted. */
  ahead?: number;
  /** Whether every latency is told. */
  tellAll?: boolean;
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
  /** Every one of them, where that was asked for. */
  latencies?: number[];
};

/** What the holder of streams is told: to open `each` streams with each request, or to wait until those of one request (or all) ended. */
export type StreamTask =
  | { act: 'open'; port: number; requests: string[]; each: number }
  | { act: 'await-end'; of: number | null; patienceMs: number };

/** `ends`: when each stream ended, in milliseconds since the epoch; null for one that did not. */
export type StreamResult = { open: number; ends: (number | null)[] };

export type RefreshTask = { port: number; path: string; clientId: string; tokens: string[]; seconds: number };
