/** The authorization request: what a client asked, kept as a row, because the row alone decides what is approved. */
import type { Prisma } from '@grantway/prisma/client';
import { after } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { hashSecret, newHandle, sameSecret } from '../../platform/secret.ts';
import { type ClientFace, clientDigest } from '../clients/client.ts';
import { usableBy } from '../connections/usable.ts';

/** The browser that a person sits at: its cookie, and its sign-in where it has one. */
export type Browser = { binding: string | null; sessionId: string | null };

export type NewRequest = {
  client: ClientFace & { id: string };
  /** As sent. */
  redirectUri: string;
  /** The registered one that it matched. */
  registeredRedirectUri: string;
  scopes: string[];
  state: string | null;
  codeChallenge: string;
  /** The connect resource asked for; null: the person's only one, or the one that they pick. */
  target: { connectionId: string; connectResourceId: string } | null;
  resource: string | null;
  prompt: string | null;
  browser: { binding: string; sessionId: string | null };
  userAgent: string | null;
};

/** Keeps a request that passed all checks. @returns its handle, for `/consent/{handle}`. */
export async function openRequest(
  database: Database,
  request: NewRequest,
  lifetime: number,
  now: Date,
): Promise<string> {
  const { client, browser, target, ...asked } = request;
  const handle = newHandle();
  await database.db.authorizationRequest.create({
    data: {
      ...asked,
      handle,
      oauthClientId: client.id,
      connectionId: target?.connectionId ?? null,
      connectResourceId: target?.connectResourceId ?? null,
      browserBindingHash: hashSecret(browser.binding),
      sessionId: browser.sessionId,
      clientDigest: clientDigest(client),
      expiresAt: after(now, lifetime),
      createdAt: now,
    },
  });
  return handle;
}

export type StoredRequest = Prisma.AuthorizationRequestGetPayload<{ include: { client: true } }>;

/** The request of this handle, if this browser started it; null for an unknown one and for another's, which are not told apart. */
export async function findRequest(database: Database, handle: string, browser: Browser): Promise<StoredRequest | null> {
  if (!/^[A-Za-z0-9_-]{32}$/.test(handle)) return null;
  const request = await database.db.authorizationRequest.findUnique({ where: { handle }, include: { client: true } });
  return request && startedBy(request, browser) ? request : null;
}

/**
 * The request as `findRequest` finds it, for a page that shows it: from here on the client may be approved as it is returned, and no other.
 * A click on what was shown before is refused, however often it comes (SECURITY #330).
 */
export async function showRequest(database: Database, handle: string, browser: Browser): Promise<StoredRequest | null> {
  const request = await findRequest(database, handle, browser);
  if (!request) return null;
  const shown = clientDigest(request.client);
  if (shown === request.clientDigest) return request;
  await database.db.authorizationRequest.updateMany({
    where: { id: request.id, status: 'pending' },
    data: { clientDigest: shown },
  });
  return { ...request, clientDigest: shown };
}

function startedBy(request: { browserBindingHash: string; sessionId: string | null }, browser: Browser): boolean {
  if (browser.binding !== null && sameSecret(hashSecret(browser.binding), request.browserBindingHash)) return true;
  return request.sessionId !== null && request.sessionId === browser.sessionId;
}

/** The connections that a request may be approved for: the one that it names, where the person may use it, else all that they may. */
export async function candidatesOf(database: Database, request: StoredRequest, userId: string) {
  return database.db.connection.findMany({
    where: { AND: [usableBy({ userId }), request.connectionId === null ? {} : { id: request.connectionId }] },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: 100,
  });
}

/** The status that a person sees: a request whose time is over is expired, whether or not a sweep has been by. */
export const statusOf = (
  request: { status: StoredRequest['status']; expiresAt: Date },
  now: Date,
): StoredRequest['status'] =>
  (request.status === 'pending' || request.status === 'awaiting_provider') && request.expiresAt <= now
    ? 'expired'
    : request.status;

/**
 * Whether the person has to sign in once more before they decide: `prompt=login` (OpenID Connect Core §3.1.2.1) asks for a sign-in that
 * is younger than the request. A session that is not known any more is none.
 */
export async function needsFreshSignIn(
  { db }: Database,
  request: Pick<StoredRequest, 'prompt' | 'createdAt'>,
  sessionId: string | null,
): Promise<boolean> {
  if (!asksForSignIn(request.prompt)) return false;
  const session =
    sessionId === null ? null : await db.session.findUnique({ where: { id: sessionId }, select: { createdAt: true } });
  return session === null || session.createdAt < request.createdAt;
}

export const asksForSignIn = (prompt: string | null): boolean => prompt?.split(' ').includes('login') ?? false;
