// Instants in words: relative to now, and exact.
// "yesterday" is exact; "last month" is not.
import { time as texts } from './texts.ts';

const byDay = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const byCount = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

// From how many seconds on a unit is used, and how long it is.
const steps: [unit: Intl.RelativeTimeFormatUnit, from: number, size: number][] = [
  ['year', 2 * 365 * 86_400, 365 * 86_400],
  ['month', 61 * 86_400, 30.44 * 86_400],
  ['week', 31 * 86_400, 7 * 86_400],
  ['day', 86_400, 86_400],
  ['hour', 3_600, 3_600],
  ['minute', 60, 60],
];

export function relativeTime(instant: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  // Clocks differ by a little: what happened "in 3 seconds" happened just now.
  if (Math.abs(seconds) < 60) return texts.now;
  // What will end in 29 days and 23 hours ends "in 30 days"; what was that long ago was 29 days ago.
  const whole = seconds > 0 ? Math.round : Math.trunc;
  for (const [unit, from, size] of steps) {
    if (Math.abs(seconds) >= from) return (unit === 'day' ? byDay : byCount).format(whole(seconds / size), unit);
  }
  return texts.now;
}

export const exactTime = (instant: string): string => exact.format(new Date(instant));
export const clockTime = (instant: string): string => clock.format(new Date(instant));

const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23' });
const HOUR = 3_600_000;

/** The hour that began at this instant: “today between 17:00 and 18:00”. */
export function hourOf(instant: string, now: number): string {
  const from = Date.parse(instant);
  const days = [now, now - 24 * HOUR].map((at) => day.format(at)).indexOf(day.format(from));
  const when = [texts.today, texts.yesterday][days] ?? texts.on(day.format(from));
  return texts.between(when, minute.format(from), minute.format(from + HOUR));
}
