/** Reads what is known of the last attempts of clients to sign in at one connection. */
import type { Database } from '../../platform/database.ts';
import { type Attempt, attemptsOf } from './attempts.ts';

const WEEK_MS = 7 * 86_400_000;
const MAX_REQUESTS = 50;
const MAX_TRACES = 500;

/**
 * The last week's attempts, newest first, at most twenty. Does not check who may know.
 * @param ofUser tells of their attempts alone: of the requests that came to them, and of clients that came to nobody else here. What
 * failed before it came to any person is nobody's.
 */
export async function readAttempts(
  database: Database,
  connectionId: string,
  now: Date,
  ofUser: string | null = null,
): Promise<Attempt[]> {
  const { db } = database;
  const since = new Date(now.getTime() - WEEK_MS);
  const requests = await db.authorizationRequest.findMany({
    where: { connectionId, createdAt: { gte: since }, ...(ofUser === null ? {} : { userId: ofUser }) },
    orderBy: { createdAt: 'desc' },
    take: MAX_REQUESTS,
    include: { client: true, codes: { include: { family: { select: { lastUsedAt: true } } }, take: 1 } },
  });
  const theirsAlone = ofUser === null ? null : await clientsOfOne(database, connectionId, ofUser, requests);
  const own = await db.signInTrace.findMany({
    where: { connectionId, at: { gte: since }, ...(theirsAlone === null ? {} : { clientId: { in: theirsAlone } }) },
    orderBy: { at: 'desc' },
    take: MAX_TRACES,
  });
  // Registration names no connection: it is this connection's where its client came here.
  const clientIds = [
    ...new Set([...requests.map(({ client }) => client.clientId), ...own.map(({ clientId }) => clientId)]),
  ];
  const presented = theirsAlone ?? clientIds.filter((clientId) => clientId !== null);
  const elsewhere = await db.signInTrace.findMany({
    where: {
      connectionId: null,
      at: { gte: since },
      clientId: { in: presented },
    },
    orderBy: { at: 'desc' },
    take: MAX_TRACES,
  });
  const clients = await db.oAuthClient.findMany({ where: { clientId: { in: presented } } });
  const names = new Map(clients.map(({ clientId, name }) => [clientId, name]));
  // Only a client that registered itself is one installation's. What another one stumbled over, or an unknown one, may be anybody's
  // sign-in: it is told where it came from an address that was seen here.
  const single = new Set(clients.filter(({ kind }) => kind === 'dynamic').map(({ clientId }) => clientId));
  const sources = new Set(own.map(({ source }) => source));
  const theirs = elsewhere.filter(({ clientId, source }) => single.has(clientId ?? '') || sources.has(source));
  const traces = [...own, ...theirs].sort((a, b) => a.at.getTime() - b.at.getTime());
  return attemptsOf(requests, traces, now).map((attempt) => ({
    ...attempt,
    clientName: attempt.clientName ?? names.get(attempt.clientId ?? '') ?? null,
  }));
}

/** The clients of these requests that registered themselves and came to no other person here: what they stumbled over is this person's. */
async function clientsOfOne(
  { db }: Database,
  connectionId: string,
  userId: string,
  requests: readonly { oauthClientId: string; client: { clientId: string; kind: string } }[],
): Promise<string[]> {
  const mine = requests.filter(({ client }) => client.kind === 'dynamic');
  const shared = await db.authorizationRequest.findMany({
    where: { connectionId, oauthClientId: { in: mine.map((one) => one.oauthClientId) }, NOT: { userId } },
    distinct: ['oauthClientId'],
    select: { oauthClientId: true },
  });
  const others = new Set(shared.map(({ oauthClientId }) => oauthClientId));
  return [...new Set(mine.filter((one) => !others.has(one.oauthClientId)).map(({ client }) => client.clientId))];
}
