/** Structured logs. What could carry a secret is cut by name before it is written. */
import { type Logger, type LoggerOptions, pino } from 'pino';
import { requestIdNow } from './request-under-way.ts';

export type Log = Logger;

const REDACTED = [
  'authorization',
  'cookie',
  'token',
  'code',
  'secret',
  'password',
  '*.authorization',
  '*.cookie',
  '*.token',
  '*.code',
  '*.secret',
  '*.password',
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
];

/** An error without what drivers hang on it: pg's own carry the whole client, connection parameters and cancel key included. */
export function plainError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    name,
    message,
    ...(code === undefined ? {} : { errorCode: String(code) }),
    stack,
    ...(cause === undefined || depth > 3 ? {} : { cause: plainError(cause, depth + 1) }),
  };
}

// A write for every request would cost more than all else that is done for it here. A process that ends by itself loses no line,
// one that is killed those of the last moment.
const FLUSH_MS = 200;
const LUMP = 16_384;
const WARN = 40;
/** While it cannot be written, so much of the log is kept; what comes on top is lost, and the process goes on (#289). */
const KEPT_BYTES = 4_000_000;

type Lines = { write: (line: string) => void; flush: () => void };

const open = new Set<() => void>();
process.once('exit', () => {
  for (const flush of open) flush();
});

/** Gathers lines, and writes them in lumps. (What pino writes to would gather them too, but measures all that it has with every line.) */
function gather(): Lines {
  const output = outliving(pino.destination({ sync: false, maxLength: KEPT_BYTES }));
  let lines = '';
  const flush = (): void => {
    if (lines === '') return;
    const lump = lines;
    lines = '';
    output.write(lump);
  };
  setInterval(flush, FLUSH_MS).unref();
  open.add(() => {
    flush();
    output.flushSync();
  });
  return {
    write: (line) => {
      lines += line;
      if (lines.length >= LUMP) flush();
    },
    flush,
  };
}

/** @param level a pino level, or `silent`. */
export function openLog(level: string, destination?: NodeJS.WritableStream): Log {
  const options = {
    level,
    redact: { paths: REDACTED, censor: '[redacted]' },
    base: {},
    serializers: { err: (error: unknown) => plainError(error) },
    mixin: () => {
      const requestId = requestIdNow();
      return requestId === undefined ? {} : { requestId };
    },
  };
  if (destination) return pino(options, destination);
  // Nothing to write, nothing to watch over.
  if (level === 'silent') return pino(options);
  const output = gather();
  // What warns is worth a write of its own.
  const hooks: LoggerOptions['hooks'] = {
    logMethod(args, method, at) {
      method.apply(this, args);
      if (at >= WARN) output.flush();
    },
  };
  return pino({ ...options, hooks }, output);
}

type Destination = ReturnType<typeof pino.destination>;

/**
 * A full disk under the log ends no process: unheard, the error of its stream would. Nor does it keep one from ending: the last flush
 * tries again for as long as there is no room, which may be for ever.
 */
function outliving(output: Destination): Destination {
  let hasRoom = true;
  output.on('error', () => {
    hasRoom = false;
  });
  output.on('write', () => {
    hasRoom = true;
  });
  const flushSync = output.flushSync.bind(output);
  output.flushSync = () => {
    if (hasRoom) flushSync();
  };
  return output;
}

/**
 * A line of level `info` that holds ids, numbers and words of ours alone: nothing in it is searched for secrets, which takes longer
 * than all else about a line. For what is said of every request.
 */
export function writeLine(log: Log, fields: Record<string, unknown>, message: string): void {
  if (!log.isLevelEnabled('info')) return;
  const stream = (log as unknown as Record<symbol, { write: (line: string) => void }>)[pino.symbols.streamSym];
  stream?.write(`${JSON.stringify({ level: 30, time: Date.now(), ...fields, msg: message })}\n`);
}
