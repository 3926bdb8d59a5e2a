/** Instants as callers write them. */

// A day alone is its beginning in UTC. Years of four digits: what PostgreSQL and everything between takes.
const INSTANT = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** An instant in ISO 8601 with a time zone (RFC 3339 §5.6), or a day. Null for anything else: also for a day that its month has not. */
export function readInstant(text: string): Date | null {
  const day = INSTANT.exec(text)?.[1];
  if (day === undefined || day.startsWith('0000')) return null;
  const midnight = new Date(day);
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime()) || midnight.toISOString().slice(0, 10) !== day) return null;
  return instant;
}
