// Hourly usage as one bar a day.
import { usage as texts } from './client-texts.ts';

interface UsagePoint {
  hour: string;
  requests: number;
  errors: number;
  denials: number;
}
export interface UsageDay {
  day: string;
  requests: number;
  errors: number;
  denials: number;
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The last `count` days up to `now`, oldest first, with the days without use. */
export function usageDays(points: readonly UsagePoint[], now: number, count = 30): UsageDay[] {
  const days = new Map<string, UsageDay>();
  for (let back = count - 1; back >= 0; back--) {
    const day = dayOf(now - back * 86_400_000);
    days.set(day, { day, requests: 0, errors: 0, denials: 0 });
  }
  for (const { hour, requests, errors, denials } of points) {
    const day = days.get(dayOf(Date.parse(hour)));
    if (!day) continue;
    day.requests += requests;
    day.errors += errors;
    day.denials += denials;
  }
  return [...days.values()];
}

export function usageSentence(days: UsageDay[]): string {
  const requests = days.reduce((sum, day) => sum + day.requests, 0);
  const failed = days.reduce((sum, { errors, denials }) => sum + errors + denials, 0);
  return texts.sentence(requests, failed, days.length);
}
