/** What clients stumble over when they sign in: noted off the response path, for whoever looks why it does not work. */
import { createHmac, hash, hkdfSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../platform/database.ts';
import type { Keyring, SealingKey } from '../../platform/keys.ts';

export type TraceStep = 'discovery' | 'registration' | 'authorize' | 'token' | 'first_call';

/** What a client sent, and what it would have had to. Never a code, a token, a verifier or a secret. */
export type Difference = {
  what: 'redirect_uri' | 'resource' | 'scope' | 'issuer' | 'client_id' | 'code_verifier' | 'code';
  expected: string | null;
  got: string | null;
};

export type Trace = {
  step: TraceStep;
  /** In a sentence; null when the step went right. */
  problem: string | null;
  difference?: Difference | undefined;
  connectionId: string | null;
  /** As presented. */
  clientId: string | null;
  /** What a limit by address counts as one. Only a keyed digest of it is kept. */
  address: string;
  userAgent: string | null;
};

export type Tracer = {
  /** Never waits, never throws. */
  note: (trace: Trace) => void;
  /** Writes what is noted. */
  close: () => Promise<void>;
};

const FLUSH_MS = 250;
const MAX_WAITING = 500;
/** From one address for one connection, in ten minutes. */
const MAX_NOTES = 30;
const PERIOD_MS = 600_000;
const MAX_SOURCES = 5_000;
/** The same again so soon tells nothing new. */
const AGAIN_MS = 30_000;
const MAX_TEXT = 300;

// A connection that does not exist is nobody's to look at, so nothing is kept for one.
const INSERT = `
  INSERT INTO sign_in_trace (id, step, problem, what, expected, got, connection_id, client_id, source, user_agent)
  SELECT k.* FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::text[])
    AS k(id, step, problem, what, expected, got, connection_id, client_id, source, user_agent)
  WHERE k.connection_id IS NULL OR EXISTS (SELECT 1 FROM connection n WHERE n.id = k.connection_id)`;

/** Opens the notes of one process. Bounded in memory and by address; notes of the last moment are lost with a killed process. */
export function openTracer({ database, keyring }: { database: Database; keyring: Keyring }): Tracer {
  const { key } = keyring.sealing[0] as SealingKey;
  const macKey = Buffer.from(hkdfSync('sha256', key, 'grantway', 'sign-in trace', 32));
  const sourceOf = (address: string): string =>
    createHmac('sha256', macKey).update(address).digest('base64url').slice(0, 22);
  let waiting: (Trace & { source: string })[] = [];
  let notes = new Map<string, number>();
  let latest = new Map<string, number>();
  let began = Date.now();

  const hasRoom = (trace: Trace, source: string): boolean => {
    const now = Date.now();
    if (now - began > PERIOD_MS) {
      began = now;
      notes = new Map();
      latest = new Map();
    }
    const { step, problem, connectionId, clientId, difference } = trace;
    // As a digest: what a stranger may send is long, and many of them are kept.
    const same = hash('sha256', JSON.stringify([source, step, problem, connectionId, clientId, difference]), 'base64');
    if (now - (latest.get(same) ?? 0) < AGAIN_MS) return false;
    const place = `${source}/${connectionId}`;
    const count = notes.get(place) ?? 0;
    if (count >= MAX_NOTES || waiting.length >= MAX_WAITING || notes.size >= MAX_SOURCES) return false;
    notes.set(place, count + 1);
    latest.set(same, now);
    return true;
  };

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    const column = <T>(pick: (trace: Trace & { source: string }) => T): T[] => batch.map(pick);
    await database
      .query('grantway-trace', INSERT, [
        column(() => uuidv7()),
        column(({ step }) => step),
        column(({ problem }) => cut(problem)),
        column(({ difference }) => difference?.what ?? null),
        column(({ difference }) => cut(difference?.expected)),
        column(({ difference }) => cut(withoutOthers(difference?.got))),
        column(({ connectionId }) => connectionId),
        column(({ clientId }) => cut(clientId)),
        column(({ source }) => source),
        column(({ userAgent }) => cut(userAgent)),
      ])
      .catch((error: unknown) => database.log.warn({ err: error }, 'what clients stumbled over was not kept'));
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    note: (trace) => {
      const source = sourceOf(trace.address);
      if (!hasRoom(trace, source)) return;
      waiting.push({ ...trace, source });
      timer ??= setTimeout(() => {
        timer = undefined;
        void flush();
      }, FLUSH_MS).unref();
    },
    close: async () => {
      clearTimeout(timer);
      await flush();
    },
  };
}

/** The address of another connection is its owner's to know; who reads this may be someone else. */
const withoutOthers = (text: string | null | undefined): string | null =>
  text?.replace(/(\/mcp-connect\/)[^\s?#]+/g, '$1…') ?? null;

const cut = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : text.replace(/\p{Cc}/gu, ' ').slice(0, MAX_TEXT);
