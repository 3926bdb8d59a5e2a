/** A person's decision on an authorization request: once, and only on what they were shown. */
import { after, type Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Limiter } from '../../platform/rate-limit.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { allowedScopes, clientDigest } from '../clients/client.ts';
import { type IssueRefusal, issueGrant, recordApproval } from '../grants/issue.ts';
import { keepSignIn, type PreparedSignIn } from '../providers/authorize.ts';
import type { ProviderDeps } from '../providers/deps.ts';
import { mintCode } from '../tokens/authorization-code.ts';
import { answerUrl } from './redirect.ts';
import { type Browser, candidatesOf, findRequest, needsFreshSignIn, type StoredRequest, statusOf } from './request.ts';
import { bindingOf, lookForProvider, resumeSignIn, WAIT_SECONDS } from './resume.ts';

/** The person who decides. The caller has checked the session. */
export type Decider = { userId: string; browser: Browser };

export type DecisionRefusal =
  | { kind: 'not_found' }
  | { kind: 'closed'; status: StoredRequest['status'] }
  | { kind: 'pick_connection' }
  | { kind: 'client_changed' }
  | { kind: 'bad_expiry' }
  | { kind: 'sign_in_required' }
  /** The connection asks for a sign-in at its provider, and was changed while that was looked for. */
  | { kind: 'provider_sign_in_required' }
  /** `message` is for the person who approves. */
  | { kind: 'provider_unavailable'; message: string }
  | { kind: 'too_often'; retryAfter: number }
  | { kind: IssueRefusal };

export type DecisionSettings = {
  issuer: string;
  codeLifetime: number;
  clock: Clock;
  providers: ProviderDeps;
  /** How often a person may have a server looked at. */
  looks: Pick<Limiter, 'take'>;
};

const MAX_EXPIRY_SECONDS = 366 * 86_400;

/** Ends the transaction, so that a grant issued for a request that someone else just decided is not kept. */
class Undo extends Error {
  readonly refusal: DecisionRefusal;
  constructor(refusal: DecisionRefusal) {
    super('undo');
    this.refusal = refusal;
  }
}

/**
 * Approves: grant, code and record in one transaction. @returns where the browser goes with the code.
 * @throws Unavailable
 */
export async function approve(
  database: Database,
  handle: string,
  decider: Decider,
  choice: { connectionId?: string | undefined; expiresIn?: number | undefined },
  settings: DecisionSettings,
): Promise<Result<{ redirectTo: string }, DecisionRefusal>> {
  const now = settings.clock();
  const request = await findRequest(database, handle, decider.browser);
  if (!request) return refused({ kind: 'not_found' });
  const status = statusOf(request, now);
  if (status === 'awaiting_provider') return resumeSignIn(database, request, decider, settings);
  if (status !== 'pending') return refused({ kind: 'closed', status });
  if (await needsFreshSignIn(database, request, decider.browser.sessionId))
    return refused({ kind: 'sign_in_required' });
  const { expiresIn } = choice;
  if (expiresIn !== undefined && !(Number.isInteger(expiresIn) && expiresIn >= 60 && expiresIn <= MAX_EXPIRY_SECONDS)) {
    return refused({ kind: 'bad_expiry' });
  }
  const target = await pickConnection(database, request, decider.userId, choice.connectionId);
  if (!target.ok) return target;
  const approval = {
    request,
    connection: target.value,
    expiresAt: expiresIn === undefined ? null : after(now, expiresIn),
  };
  const attempt = (signIn: PreparedSignIn | null) =>
    unlessUndone(() => transact(database, (tx) => approveIn(tx, { ...approval, signIn }, decider, settings)));
  const direct = await attempt(null);
  if (direct.ok || direct.reason.kind !== 'provider_sign_in_required') return direct;
  // Undone, because the provider is asked over the network; what was approved is approved again with what it said.
  const prepared = await lookForProvider(settings, { userId: decider.userId, connectionId: target.value.id });
  return prepared.ok ? attempt(prepared.value) : prepared;
}

async function unlessUndone<T>(act: () => Promise<Result<T, DecisionRefusal>>): Promise<Result<T, DecisionRefusal>> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Undo) return refused(error.refusal);
    throw error;
  }
}

type Connection = Awaited<ReturnType<typeof candidatesOf>>[number];

async function pickConnection(
  database: Database,
  request: StoredRequest,
  userId: string,
  picked: string | undefined,
): Promise<Result<Connection, DecisionRefusal>> {
  const candidates = await candidatesOf(database, request, userId);
  const connection =
    picked === undefined && candidates.length === 1 ? candidates[0] : candidates.find(({ id }) => id === picked);
  if (connection) return ok(connection);
  // A request that names a connection is not asked which one.
  const named = request.connectionId === null ? undefined : candidates[0];
  if (named && (picked === undefined || picked === named.id)) return ok(named);
  return refused({
    kind: candidates.length === 0 || request.connectionId !== null ? 'connection_unavailable' : 'pick_connection',
  });
}

async function approveIn(
  tx: Tx,
  approval: {
    request: StoredRequest;
    connection: Connection;
    expiresAt: Date | null;
    signIn: PreparedSignIn | null;
  },
  decider: Decider,
  settings: DecisionSettings,
): Promise<Result<{ redirectTo: string }, DecisionRefusal>> {
  const { request, connection, expiresAt, signIn } = approval;
  const { userId } = decider;
  const now = settings.clock();
  const connectResourceId = request.connectResourceId ?? (await liveResourceOf(tx, connection.id));
  if (connectResourceId === null) return refused({ kind: 'connection_unavailable' });
  const issued = await issueGrant(
    tx,
    {
      oauthClientId: request.oauthClientId,
      userId,
      connectionId: connection.id,
      connectResourceId,
      redirectUri: request.registeredRedirectUri,
      scopes: request.scopes,
      expiresAt,
    },
    now,
  );
  if (!issued.ok) throw new Undo({ kind: issued.reason });
  const waits = issued.value.status === 'pending';
  if (waits && signIn?.connectionVersion !== issued.value.connectionVersion)
    throw new Undo({ kind: 'provider_sign_in_required' });

  // The client's row is locked by now: what it says of itself is what it will have said when this commits.
  const client = await tx.oAuthClient.findUniqueOrThrow({ where: { id: request.oauthClientId } });
  // What it no longer registers it can no longer be given: showing it again would not help.
  if (!stillAllows(client, request)) throw new Undo({ kind: 'client_gone' });
  if (clientDigest(client) !== request.clientDigest) throw new Undo({ kind: 'client_changed' });

  const { grantId, instanceId } = issued.value;
  const decision = { userId, grantId, connectionId: connection.id, connectResourceId };
  if (waits && signIn) {
    await closeRequest(tx, request, { ...decision, status: 'awaiting_provider', expiresAt: after(now, WAIT_SECONDS) });
    const binding = bindingOf(request, decider, { grantId, instanceId });
    return ok({ redirectTo: await keepSignIn(tx, settings.providers, signIn, binding, now) });
  }
  await closeRequest(tx, request, { ...decision, status: 'approved' });
  const code = await mintCode(tx, {
    grantId,
    authorizationRequestId: request.id,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    scopes: request.scopes,
    expiresAt: after(now, settings.codeLifetime),
  });
  const { ownerOrganizationId } = connection;
  const event = { grantId, userId, connectionId: connection.id, oauthClientId: client.id, ownerOrganizationId };
  await recordApproval(tx, now, { ...event, scopes: request.scopes, expiresAt });
  return ok({ redirectTo: answerUrl(settings.issuer, request.redirectUri, request.state, { code }) });
}

/** Whether the client still registers the redirect URI and the scopes of a request that it made before. */
const stillAllows = (client: { redirectUris: string[]; scopes: string[] }, request: StoredRequest): boolean =>
  client.redirectUris.includes(request.registeredRedirectUri) &&
  request.scopes.every((scope) => allowedScopes(client.scopes).includes(scope));

const liveResourceOf = async (tx: Tx, connectionId: string): Promise<string | null> =>
  (await tx.connectResource.findFirst({ where: { connectionId, retiredAt: null }, select: { id: true } }))?.id ?? null;

/** One conditional update decides who was first: zero rows means that the request was decided, ended or expired meanwhile. */
async function closeRequest(
  tx: Tx,
  request: StoredRequest,
  decision: {
    status: 'approved' | 'awaiting_provider' | 'denied';
    /** Until when it waits for the provider; absent: as it was. */
    expiresAt?: Date;
    userId: string;
    grantId?: string;
    connectionId?: string;
    connectResourceId?: string;
  },
): Promise<void> {
  const closed = await tx.$executeRaw`
    UPDATE authorization_request SET status = ${decision.status}::authorization_request_status, decided_at = clock_timestamp(),
      user_id = ${decision.userId}::uuid, grant_id = ${decision.grantId ?? null}::uuid,
      connection_id = COALESCE(${decision.connectionId ?? null}::uuid, connection_id),
      connect_resource_id = COALESCE(${decision.connectResourceId ?? null}::uuid, connect_resource_id),
      expires_at = COALESCE(${decision.expiresAt ?? null}::timestamptz, expires_at)
    WHERE id = ${request.id}::uuid AND status = 'pending' AND expires_at > clock_timestamp()`;
  if (closed === 1) return;
  const now = await tx.authorizationRequest.findUnique({ where: { id: request.id }, select: { status: true } });
  throw new Undo({ kind: 'closed', status: now === null || now.status === 'pending' ? 'expired' : now.status });
}

/** Denies: one audit event and the closed request, nothing else. @returns where the browser goes with `access_denied`. @throws Unavailable */
export async function deny(
  database: Database,
  handle: string,
  decider: Decider,
  settings: Pick<DecisionSettings, 'issuer' | 'clock'>,
): Promise<Result<{ redirectTo: string }, DecisionRefusal>> {
  const request = await findRequest(database, handle, decider.browser);
  if (!request) return refused({ kind: 'not_found' });
  const now = settings.clock();
  const status = statusOf(request, now);
  if (status !== 'pending') return refused({ kind: 'closed', status });
  return unlessUndone(() =>
    transact(database, async (tx) => {
      await closeRequest(tx, request, { status: 'denied', userId: decider.userId });
      await record(tx, now, {
        kind: 'authorization.denied',
        outcome: 'denied',
        actorUserId: decider.userId,
        ownerUserId: decider.userId,
        connectionId: request.connectionId,
        connectResourceId: request.connectResourceId,
        oauthClientId: request.oauthClientId,
      });
      return ok({
        redirectTo: answerUrl(settings.issuer, request.redirectUri, request.state, { error: 'access_denied' }),
      });
    }),
  );
}
