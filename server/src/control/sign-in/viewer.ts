/** Who is signed in: one read of the session and its user, at every request, so that an end takes effect at once. */
import type { ViewerOf } from '../../core/people/viewer.ts';
import { after, type Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { readCookie } from '../../platform/http/cookie.ts';
import { isTransient, Unavailable } from '../../platform/transient.ts';
import { sessionCookieName } from './cookies.ts';
import { sessionDigest } from './session-digest.ts';

// `token.signature`, percent-encoded. The token alone is 190 random bits; the signature spares a look-up of guesses.
const COOKIE = /^([A-Za-z0-9_-]{16,128})\.[A-Za-z0-9+/=_-]+$/;

/** Seconds: a browser that was not seen for so long is signed out (#252); being seen is noted so often. */
const IDLE = 7 * 86_400;
const SEEN_EVERY = 600;

/**
 * Reads the session cookie. Null when there is none that is live, or its user is blocked or erased (#253).
 * Throws Unavailable when the database is away: "signed out" would be an answer, and a wrong one.
 */
export function openViewerOf({ database, clock, base }: { database: Database; clock: Clock; base: string }): ViewerOf {
  return async (headers) => {
    const token = tokenOf(readCookie(headers.get('cookie'), sessionCookieName(base)));
    if (token === null) return null;
    const session = await findSession(database, token, clock());
    if (!session) return null;
    if (session.updatedAt < after(clock(), -SEEN_EVERY)) void touch(database, session.id, clock());
    const { id: userId, name, email, role } = session.user;
    return { userId, sessionId: session.id, name, email, role };
  };
}

function tokenOf(cookie: string | null): string | null {
  if (cookie === null || cookie.length > 512) return null;
  try {
    return COOKIE.exec(decodeURIComponent(cookie))?.[1] ?? null;
  } catch {
    return null;
  }
}

async function findSession(database: Database, token: string, now: Date) {
  try {
    return await database.db.session.findFirst({
      where: {
        token: sessionDigest(token),
        expiresAt: { gt: now },
        updatedAt: { gt: after(now, -IDLE) },
        user: { blockedAt: null, deletedAt: null },
      },
      select: { id: true, updatedAt: true, user: { select: { id: true, name: true, email: true, role: true } } },
    });
  } catch (error) {
    throw isTransient(error) ? new Unavailable(error) : error;
  }
}

/** Off the answer's way, and of no consequence where it fails: the next request notes it. */
async function touch(database: Database, id: string, now: Date): Promise<void> {
  await database.db.session.updateMany({ where: { id }, data: { updatedAt: now } }).catch(() => {});
}
