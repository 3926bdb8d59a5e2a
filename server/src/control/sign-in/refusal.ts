/** Refusals of sign-in, in the form of better-auth's own: a `code` for the page, a `message` for the person. */
import { json, NO_STORE } from '../../platform/http/reply.ts';

export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response => json(status, { code, message }, { ...NO_STORE, ...headers });

/** The database is away. */
export const away = (): Response =>
  refusal(503, 'SERVICE_UNAVAILABLE', 'Grantway cannot reach its database. Try again in a moment.', {
    'retry-after': '2',
  });
