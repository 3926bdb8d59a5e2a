// How long a permission may last.
import { expiries as texts } from './texts.tsx';

export const expiries = [
  { value: 'revoked', label: texts.revoked, seconds: undefined },
  { value: 'hour', label: texts.hour, seconds: 3_600 },
  { value: 'day', label: texts.day, seconds: 86_400 },
  { value: 'week', label: texts.week, seconds: 604_800 },
  { value: 'month', label: texts.month, seconds: 2_592_000 },
  { value: 'quarter', label: texts.quarter, seconds: 7_776_000 },
] as const;

export type Expiry = (typeof expiries)[number]['value'];

export const expirySeconds = (expiry: Expiry): number | undefined =>
  expiries.find(({ value }) => value === expiry)?.seconds;
