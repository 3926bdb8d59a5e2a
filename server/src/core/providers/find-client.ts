/** The client that we are at a provider: the one on record for exactly this issuer, else a new registration. */
import type { Connection } from '@grantway/prisma/client';
import { after } from '../../platform/clock.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import { callbackUrl, sharedCallbackUrl } from '../connections/callback-url.ts';
import { type SealedClient, storeProviderClient, unsealProviderClient } from '../connections/provider-client.ts';
import { documentUrl, type ProviderDeps } from './deps.ts';
import type { FoundServer } from './discover.ts';
import { type ProviderRefusal, say } from './refusal.ts';
import { type Registered, registerClient } from './register-client.ts';

export type FoundClient = { id: string; client: SealedClient };

/** A sign-in takes its time: a registration that ends before it does is as good as ended. */
const SOON_SECONDS = 3_600;

const running = new Map<string, Promise<Result<FoundClient, ProviderRefusal>>>();

/**
 * Credentials of one issuer are never looked for under another (SECURITY #211). A registration that is about to expire, or was made for
 * another callback of ours, is replaced. Several askers at once share one registration, here and across processes (the first stored wins).
 */
export async function findClient(
  deps: ProviderDeps,
  connection: Connection,
  found: FoundServer,
  oldRules: boolean,
): Promise<Result<FoundClient, ProviderRefusal>> {
  const isStatic = connection.authMode === 'oauth_static';
  const kind = isStatic ? 'static' : found.registration;
  const { issuer } = found;
  const stored = await load(deps.database.db, deps, { connectionId: connection.id, issuer, kind });
  if (stored) return ok(stored);
  if (kind === 'static') return refused(say('needs_client'));
  const key = `${connection.id} ${kind} ${issuer}`;
  const under = running.get(key);
  if (under) return under;
  const made = make(deps, connection, found, kind, oldRules).finally(() => running.delete(key));
  running.set(key, made);
  return made;
}

type Kind = FoundServer['registration'];

/** The newest registration in use there that is still good for a sign-in. */
async function load(
  db: Pick<Tx, 'providerClient'>,
  { keyring, clock, base }: ProviderDeps,
  which: { connectionId: string; issuer: string; kind: Kind },
): Promise<FoundClient | null> {
  const row = await db.providerClient.findFirst({
    where: {
      ...which,
      retiredAt: null,
      OR: [{ expiresAt: null }, { expiresAt: { gt: after(clock(), SOON_SECONDS) } }],
    },
    orderBy: { createdAt: 'desc' },
  });
  if (!row) return null;
  const client = await unsealProviderClient(keyring, row);
  const own = which.kind === 'metadata_document' ? sharedCallbackUrl(base) : callbackUrl(base, which.issuer);
  return [own, null].includes(client.redirectUri) ? { id: row.id, client } : null;
}

async function make(
  deps: ProviderDeps,
  connection: Connection,
  found: FoundServer,
  kind: Exclude<Kind, 'static'>,
  oldRules: boolean,
): Promise<Result<FoundClient, ProviderRefusal>> {
  const registered = kind === 'dynamic' ? await registerClient(deps, found.server) : ok(asDocument(deps.base));
  if (!registered.ok) {
    const { reason } = registered;
    const error = reason.kind === 'refused' ? reason.code : reason.kind;
    deps.log.warn({ connectionId: connection.id, error }, 'a provider did not register us');
    return refused(say(reason.kind === 'unreachable' ? 'unreachable' : 'registration_refused'));
  }
  const { expiresAt } = registered.value;
  const client = { ...registered.value.client, oldRules };
  const which = { connectionId: connection.id, issuer: found.issuer, kind };
  const now = deps.clock();
  const stored = await transact(deps.database, async (tx) => {
    const live = await tx.$queryRaw<unknown[]>`
      SELECT id FROM connection WHERE id = ${connection.id}::uuid AND deleted_at IS NULL FOR UPDATE`;
    if (live.length === 0) return null;
    // Another process was first: everyone speaks as the same client.
    const before = await load(tx, deps, which);
    if (before) return before;
    await tx.providerClient.updateMany({ where: { ...which, retiredAt: null }, data: { retiredAt: now } });
    const id = await storeProviderClient(tx, deps.keyring, { ...which, client, expiresAt }, now);
    await record(tx, now, {
      kind: 'provider.registered',
      connectionId: connection.id,
      ownerUserId: connection.ownerUserId,
      ownerOrganizationId: connection.ownerOrganizationId,
      detail: { name: connection.name, issuer: found.issuer, by: kind },
    });
    return { id, client };
  });
  return stored ? ok(stored) : refused(say('not_found'));
}

/** A document is public, so its client has no secret; PKCE is what binds the code to us. */
const asDocument = (base: string): Registered => ({
  client: {
    clientId: documentUrl(base),
    clientSecret: null,
    authMethod: 'none',
    redirectUri: sharedCallbackUrl(base),
    oldRules: false,
  },
  expiresAt: null,
});
