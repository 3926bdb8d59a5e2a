// How long a permission may last.
export const expiries = [
  { value: 'revoked', label: 'Until I revoke it', seconds: undefined },
  { value: 'hour', label: 'For 1 hour', seconds: 3_600 },
  { value: 'day', label: 'For 1 day', seconds: 86_400 },
  { value: 'month', label: 'For 30 days', seconds: 2_592_000 },
] as const;

export type Expiry = (typeof expiries)[number]['value'];

export const expirySeconds = (expiry: Expiry): number | undefined =>
  expiries.find(({ value }) => value === expiry)?.seconds;
