/** The static headers of a connection: sealed at rest, replaced as a whole, opened for the upstream alone. */
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { seal, unseal } from '../../platform/seal.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { Unavailable } from '../../platform/transient.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { checkDisjoint, checkHeaders, type Header } from './header.ts';
import { lockManaged, type ManagedConnection } from './manageable.ts';
import { type ConnectionRefusal, invalid } from './refusal.ts';

const placeOf = (secretId: string): string => `connection_secret/${secretId}`;

/** Seals the headers of a connection, in place of those it had. The caller has locked the connection. */
export async function storeStaticHeaders(
  tx: Tx,
  keyring: Keyring,
  connectionId: string,
  headers: readonly Header[],
): Promise<void> {
  const kind = 'static_headers' as const;
  const where = { connectionId_kind: { connectionId, kind } };
  const stored = await tx.connectionSecret.findUnique({ where, select: { id: true } });
  const id = stored?.id ?? uuidv7();
  const sealed = await seal(keyring, placeOf(id), JSON.stringify(headers));
  await tx.connectionSecret.upsert({
    where,
    create: { id, connectionId, kind, sealed },
    update: { sealed, version: { increment: 1 } },
  });
}

export const dropStaticHeaders = async (tx: Tx, connectionId: string): Promise<void> => {
  await tx.connectionSecret.deleteMany({ where: { connectionId, kind: 'static_headers' } });
};

/**
 * Replaces the static headers. No grant ends: a client is still granted the same connection, whatever key it uses upstream.
 * @throws Unavailable
 */
export async function setStaticHeaders(
  database: Database,
  keyring: Keyring,
  actor: Caller,
  input: { connectionId: string; staticHeaders: readonly Header[] },
  now: Date,
): Promise<Result<{ connectionId: string }, ConnectionRefusal>> {
  const headers = checkHeaders('static', input.staticHeaders);
  if (!headers.ok) return headers;
  return transact(database, async (tx) => {
    const connection = await lockManaged(tx, actor, input.connectionId);
    if (!connection) return refused({ kind: 'not_found' });
    if (connection.authMode !== 'static_headers') {
      return invalid('staticHeaders', 'This connection does not use static headers: change how it signs in first.');
    }
    if (headers.value.length === 0) return invalid('staticHeaders', 'Give at least one header.');
    const names = headers.value.map(({ name }) => name);
    const disjoint = checkDisjoint(names, auxiliaryOf(connection));
    if (!disjoint.ok) return disjoint;
    await tx.connection.update({ where: { id: connection.id }, data: { staticHeaderNames: names } });
    await storeStaticHeaders(tx, keyring, connection.id, headers.value);
    await record(tx, now, {
      kind: 'connection.credentials_set',
      actorUserId: actor.userId,
      ownerUserId: connection.ownerUserId,
      ownerOrganizationId: connection.ownerOrganizationId,
      connectionId: connection.id,
      detail: { name: connection.name, headers: names },
    });
    return ok({ connectionId: connection.id });
  });
}

/** The auxiliary headers as they are stored. */
export const auxiliaryOf = (connection: Pick<ManagedConnection, 'auxiliaryHeaders'>): Header[] =>
  Array.isArray(connection.auxiliaryHeaders) ? (connection.auxiliaryHeaders as Header[]) : [];

const MAX_OPEN = 1_000;

/**
 * Opens static headers for the gateway, once per secret and version: a replaced secret has another version, so nothing stale is served.
 * Throws Unavailable when that version was replaced a moment ago or the database is away, SealBroken when the keyring lacks its key.
 */
export function openStaticHeaders({ database, keyring }: { database: Database; keyring: Keyring }) {
  const opened = new Map<string, Promise<Header[]>>();
  const load = async (secretId: string, version: number): Promise<Header[]> => {
    const row = await database.db.connectionSecret
      .findFirst({ where: { id: secretId, version, kind: 'static_headers' }, select: { sealed: true } })
      .catch((error: unknown) => {
        throw new Unavailable(error);
      });
    if (!row) throw new Unavailable(new Error('a secret was replaced while a request was on its way'), 1);
    return JSON.parse(await unseal(keyring, placeOf(secretId), row.sealed));
  };
  return (secretId: string, version: number): Promise<Header[]> => {
    const key = `${secretId}/${version}`;
    const known = opened.get(key);
    if (known) return known;
    const loading = load(secretId, version);
    opened.set(key, loading);
    // A failure is not kept: the next request tries again.
    loading.catch(() => opened.delete(key));
    if (opened.size > MAX_OPEN) opened.delete(opened.keys().next().value as string);
    return loading;
  };
}
