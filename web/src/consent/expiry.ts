// How long a permission may last.
export const expiries = [
  { value: 'revoked', label: 'Until I revoke it', seconds: undefined },
  { value: 'hour', label: 'For 1 hour', seconds: 3_600 },
  { value: 'day', label: 'For 1 day', seconds: 86_400 },
  { value: 'week', label: 'For 7 days', seconds: 604_800 },
  { value: 'month', label: 'For 30 days', seconds: 2_592_000 },
  { value: 'quarter', label: 'For 90 days', seconds: 7_776_000 },
] as const;

export type Expiry = (typeof expiries)[number]['value'];

export const expirySeconds = (expiry: Expiry): number | undefined =>
  expiries.find(({ value }) => value === expiry)?.seconds;
