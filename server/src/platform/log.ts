/** Structured logs. What could carry a secret is cut by name before it is written. */
import { type Logger, pino } from 'pino';

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

/** @param level a pino level, or `silent`. */
export function openLog(level: string, destination?: NodeJS.WritableStream): Log {
  const options = { level, redact: { paths: REDACTED, censor: '[redacted]' }, base: {} };
  return destination ? pino(options, destination) : pino(options);
}
