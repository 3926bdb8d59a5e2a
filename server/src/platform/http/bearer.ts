/** Bearer credentials in the Authorization header (RFC 6750 §2.1). */

/** The token of an Authorization header; null when there is none of this scheme. */
export const bearerOf = (header: string | null | undefined): string | null =>
  /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? '')?.[1] ?? null;
