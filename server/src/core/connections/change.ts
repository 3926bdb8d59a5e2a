/** How a connection changes. What makes it another upstream, or another way to sign in there, ends the grants given for the old one. */
import type { AuthMode, SharingMode } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';
import type { AllowList } from '../../platform/http/address-guard.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { type Tx, transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { NOTHING_REVOKED } from '../grants/grant.ts';
import { type Revocation, revokeGrants } from '../grants/revoke.ts';
import { checkName, checkRemoteUrl, checkSharing } from './check.ts';
import type { ConnectionSettings } from './create.ts';
import { checkDisjoint, checkHeaders, type Header } from './header.ts';
import { endProviderGrants } from './instance.ts';
import { lockManaged, type ManagedConnection } from './manageable.ts';
import { retireProviderClients } from './provider-client.ts';
import {
  checkProvider,
  PROVIDER_COLUMNS,
  type ProviderColumns,
  type ProviderInput,
  usesProvider,
} from './provider-settings.ts';
import { type ConnectionRefusal, type Invalid, invalid } from './refusal.ts';
import { auxiliaryOf, dropStaticHeaders, storeStaticHeaders } from './secrets.ts';

/** What is absent stays as it is. */
export type ConnectionChange = {
  connectionId: string;
  /** The version that the person looked at; another one now is a conflict. */
  version?: number | undefined;
  name?: string | undefined;
  remoteUrl?: string | undefined;
  authMode?: AuthMode | undefined;
  sharingMode?: SharingMode | undefined;
  pathPassthrough?: boolean | undefined;
  staticHeaders?: readonly Header[] | undefined;
  auxiliaryHeaders?: readonly Header[] | undefined;
} & ProviderInput;

/** @throws Unavailable */
export async function changeConnection(
  database: Database,
  settings: ConnectionSettings,
  actor: Caller,
  input: ConnectionChange,
  now: Date,
): Promise<Result<Revocation, ConnectionRefusal>> {
  return transact(database, async (tx) => {
    const before = await lockManaged(tx, actor, input.connectionId);
    if (!before) return refused({ kind: 'not_found' });
    if (input.version !== undefined && input.version !== before.version) return refused({ kind: 'conflict' });
    const checked = checkChange(before, input, settings.allowUpstreams);
    if (!checked.ok) return checked;
    const { sharingMode } = checked.value.data;
    if (
      sharingMode === 'single_user' &&
      (await tx.assignment.count({ where: { connectionId: before.id, removedAt: null } })) > 1
    ) {
      return invalid(
        'sharingMode',
        'Several people have this connection. Leave one of them before it becomes single-user.',
      );
    }
    return ok(await apply(tx, settings, actor, before, checked.value, now));
  });
}

type Change = { data: Columns; newHeaders: Header[] | null; dropHeaders: boolean };
type Columns = Pick<
  ManagedConnection,
  'name' | 'remoteUrl' | 'authMode' | 'sharingMode' | 'pathPassthrough' | 'staticHeaderNames'
> & {
  auxiliaryHeaders: Header[];
} & ProviderColumns;

function checkChange(
  before: ManagedConnection,
  input: ConnectionChange,
  allowUpstreams: AllowList,
): Result<Change, Invalid> {
  const name = input.name === undefined ? ok(before.name) : checkName(input.name);
  if (!name.ok) return name;
  const authMode = input.authMode ?? before.authMode;
  const remoteUrl =
    input.remoteUrl === undefined ? ok(before.remoteUrl) : checkRemoteUrl(input.remoteUrl, allowUpstreams);
  if (!remoteUrl.ok) return remoteUrl;
  const sharing =
    input.sharingMode === undefined
      ? ok(before.sharingMode)
      : checkSharing(input.sharingMode, before.ownerOrganizationId);
  if (!sharing.ok) return sharing;
  const given = checkHeaders('static', input.staticHeaders ?? []);
  if (!given.ok) return given;
  const auxiliary =
    input.auxiliaryHeaders === undefined ? ok(auxiliaryOf(before)) : checkHeaders('auxiliary', input.auxiliaryHeaders);
  if (!auxiliary.ok) return auxiliary;

  const byHeaders = authMode === 'static_headers';
  const newHeaders = given.value.length > 0 ? given.value : null;
  if (newHeaders && !byHeaders) {
    return invalid('staticHeaders', 'Static headers are sent only where the connection signs in by static headers.');
  }
  if (byHeaders && !newHeaders && (before.authMode !== 'static_headers' || input.staticHeaders !== undefined)) {
    return invalid('staticHeaders', 'Give at least one header.');
  }
  // A credential was given for one host: another one never gets it (#318).
  const moved = new URL(before.remoteUrl).origin !== new URL(remoteUrl.value).origin;
  const dropHeaders = !newHeaders && (moved || !byHeaders);
  const staticHeaderNames = newHeaders?.map((header) => header.name) ?? (dropHeaders ? [] : before.staticHeaderNames);
  const disjoint = checkDisjoint(staticHeaderNames, auxiliary.value);
  if (!disjoint.ok) return disjoint;
  const provider = checkProvider(authMode, providerOf(before), input, allowUpstreams);
  if (!provider.ok) return provider;
  const data = {
    name: name.value,
    remoteUrl: remoteUrl.value,
    authMode,
    sharingMode: sharing.value,
    pathPassthrough: input.pathPassthrough ?? before.pathPassthrough,
    staticHeaderNames,
    auxiliaryHeaders: auxiliary.value,
    ...provider.value,
  };
  return ok({ data, newHeaders, dropHeaders });
}

/** Name, passthrough, header values and auxiliary headers are not here: a client is still granted the same thing. */
const MATERIAL = ['remoteUrl', 'authMode', 'sharingMode', ...PROVIDER_COLUMNS] as const;

const providerOf = (connection: ManagedConnection): ProviderColumns | null =>
  usesProvider(connection.authMode) ? (connection as ProviderColumns) : null;

async function apply(
  tx: Tx,
  { keyring }: ConnectionSettings,
  actor: Caller,
  before: ManagedConnection,
  { data, newHeaders, dropHeaders }: Change,
  now: Date,
): Promise<Revocation> {
  const names = Object.keys(data) as (keyof Columns)[];
  const changed = names.filter((name) => JSON.stringify(data[name]) !== JSON.stringify(before[name]));
  if (changed.length === 0 && !newHeaders) return { grantIds: [], receipt: NOTHING_REVOKED };
  const material = MATERIAL.some((name) => changed.includes(name));
  await tx.connection.update({
    where: { id: before.id },
    data: { ...data, ...(material ? { version: { increment: 1 } } : {}) },
  });
  if (newHeaders) await storeStaticHeaders(tx, keyring, before.id, newHeaders);
  else if (dropHeaders) await dropStaticHeaders(tx, before.id);
  const event = {
    actorUserId: actor.userId,
    ownerUserId: before.ownerUserId,
    ownerOrganizationId: before.ownerOrganizationId,
    connectionId: before.id,
  };
  if (changed.length > 0) {
    const detail = { name: data.name, changed, ...(changed.includes('name') ? { oldName: before.name } : {}) };
    await record(tx, now, { ...event, kind: 'connection.updated', detail });
  }
  if (newHeaders) {
    await record(tx, now, {
      ...event,
      kind: 'connection.credentials_set',
      detail: { name: data.name, headers: data.staticHeaderNames },
    });
  }
  if (!material) return { grantIds: [], receipt: NOTHING_REVOKED };
  // What a person registered for this way of signing in is not kept for a day when it might be used for another.
  if (data.authMode !== 'oauth_static') await retireProviderClients(tx, before.id, ['static'], now);
  const revocation = await revokeGrants(tx, { connectionId: before.id }, 'connection_changed', actor, now);
  await endProviderGrants(tx, { connectionId: before.id }, now);
  return revocation;
}
