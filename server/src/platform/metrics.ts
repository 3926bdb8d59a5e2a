/** What an operator's Prometheus reads: how requests ended and how long things took, never who or what. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { openDurations } from './durations.ts';

/**
 * `denied`: no valid credential, or not this one's to do; `refused`: not a request that is taken here at all; `left`: its client did not
 * wait for the answer.
 */
export type Outcome = 'ok' | 'error' | 'denied' | 'limited' | 'refused' | 'left';

export type Metrics = {
  request: (outcome: Outcome) => void;
  /** Seconds from the question whether a grant stands to its answer. */
  checked: (seconds: number) => void;
  /** Seconds from handing a request to an upstream to the beginning of its answer. */
  upstreamBegan: (seconds: number) => void;
  /** How many streams are open; asked when somebody reads. */
  openStreams: (count: () => number) => void;
  /** Grants or sign-ins whose end was announced, by whichever process. */
  ended: (kind: 'grants' | 'families' | 'sweep', count: number) => void;
  refresh: (outcome: 'rotated' | 'replayed' | 'refused') => void;
  /** What people answered to clients that asked. */
  decided: (answer: 'allowed' | 'denied') => void;
  /** In Prometheus' text format. */
  read: () => Promise<string>;
  contentType: string;
};

// From a tenth of a millisecond: a check that takes longer than a few of them has waited for something.
const CHECK_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5];
const UPSTREAM_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

/** Opens the counters of one process. */
export function openMetrics(): Metrics {
  const register = new Registry();
  let isComplete = false;
  const registers = [register];
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `grantway_${name}_total`, help, labelNames: [label], registers });
  const requests = counter('requests', 'MCP requests by outcome', 'outcome');
  // Looked up once: this one is counted for every request.
  const byOutcome = {
    ok: requests.labels('ok'),
    error: requests.labels('error'),
    denied: requests.labels('denied'),
    limited: requests.labels('limited'),
    refused: requests.labels('refused'),
    left: requests.labels('left'),
  };
  const refreshes = counter(
    'refreshes',
    'Refreshes at the token endpoint by outcome; identical ones of one moment are one',
    'outcome',
  );
  const decisions = counter('decisions', 'What people answered to clients that asked', 'answer');
  const revocations = counter('revocations', 'Announced ends of grants and of sign-ins', 'kind');
  const help = {
    check: 'From the question whether a grant stands to its answer',
    upstream: 'From handing a request to an upstream to the beginning of its answer',
  };
  return {
    request: (outcome) => byOutcome[outcome].inc(),
    checked: openDurations(register, 'grantway_grant_check_seconds', help.check, CHECK_BUCKETS),
    upstreamBegan: openDurations(register, 'grantway_upstream_seconds', help.upstream, UPSTREAM_BUCKETS),
    openStreams: (count) => {
      new Gauge({
        name: 'grantway_open_streams',
        help: 'MCP requests under way, event streams included',
        registers,
        collect() {
          this.set(count());
        },
      });
    },
    ended: (kind, count) => revocations.inc({ kind }, count),
    refresh: (outcome) => refreshes.inc({ outcome }),
    decided: (answer) => decisions.inc({ answer }),
    read: () => {
      // Those of Node itself watch the event loop from then on: only where somebody reads.
      if (!isComplete) collectDefaultMetrics({ register });
      isComplete = true;
      return register.metrics();
    },
    contentType: register.contentType,
  };
}
