/** How a connection begins: checked, sealed, with its first connect resource. */
import type { AuthMode, SharingMode } from '@grantway/prisma/client';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../../platform/database.ts';
import type { AllowList } from '../../platform/http/address-guard.ts';
import type { Keyring } from '../../platform/keys.ts';
import { ok, type Result, refused } from '../../platform/result.ts';
import { transact } from '../../platform/transact.ts';
import { record } from '../audit/record.ts';
import type { Caller } from '../grants/caller.ts';
import { checkName, checkRemoteUrl, checkSharing } from './check.ts';
import { checkDisjoint, checkHeaders, type Header } from './header.ts';
import { roleIn } from './manageable.ts';
import { checkStaticClient, type NewStaticClient, storeStaticClient } from './provider-client.ts';
import { checkProvider, type ProviderInput } from './provider-settings.ts';
import { type Invalid, invalid } from './refusal.ts';
import { newRouteKey } from './resource.ts';
import { storeStaticHeaders } from './secrets.ts';

export type NewConnection = {
  /** Null: personal. */
  organizationId: string | null;
  name: string;
  remoteUrl: string;
  authMode: AuthMode;
  sharingMode?: SharingMode | undefined;
  pathPassthrough?: boolean | undefined;
  staticHeaders?: readonly Header[] | undefined;
  auxiliaryHeaders?: readonly Header[] | undefined;
  /** The client that a person registered at the provider; for `oauth_static` alone, with `providerIssuer`. */
  providerClient?: NewStaticClient | undefined;
} & ProviderInput;

export type ConnectionSettings = { keyring: Keyring; allowUpstreams: AllowList };

/** @throws Unavailable */
export async function createConnection(
  database: Database,
  settings: ConnectionSettings,
  actor: Caller,
  input: NewConnection,
  now: Date,
): Promise<Result<{ connectionId: string }, Invalid | { kind: 'not_found' }>> {
  const checked = checkNew(input, settings.allowUpstreams);
  if (!checked.ok) return checked;
  const { staticHeaders, providerClient, ...data } = checked.value;
  const { organizationId } = input;
  const id = uuidv7();
  return transact(database, async (tx) => {
    // An organization's key makes nothing anywhere else.
    if (actor.onlyIn && actor.onlyIn !== organizationId) return refused({ kind: 'not_found' });
    if (organizationId !== null) {
      const role = await roleIn(tx, actor.userId, organizationId);
      if (role === null) return refused({ kind: 'not_found' });
      if (role === 'member')
        return invalid('organizationId', 'Only owners and admins make connections for an organization.');
    }
    const owner = organizationId === null ? { ownerUserId: actor.userId } : { ownerOrganizationId: organizationId };
    await tx.connection.create({ data: { id, ...owner, ...data, resources: { create: { routeKey: newRouteKey() } } } });
    if (providerClient && data.providerIssuer) {
      const client = { connectionId: id, issuer: data.providerIssuer, ...providerClient };
      await storeStaticClient(tx, settings.keyring, client, now);
    }
    if (staticHeaders.length > 0) await storeStaticHeaders(tx, settings.keyring, id, staticHeaders);
    const detail = { name: data.name, remoteUrl: data.remoteUrl, authMode: data.authMode };
    await record(tx, now, {
      kind: 'connection.created',
      actorUserId: actor.userId,
      ...owner,
      connectionId: id,
      detail,
    });
    return ok({ connectionId: id });
  });
}

function checkNew(input: NewConnection, allowUpstreams: AllowList) {
  const name = checkName(input.name);
  if (!name.ok) return name;
  const { authMode } = input;
  const remoteUrl = checkRemoteUrl(input.remoteUrl, allowUpstreams);
  if (!remoteUrl.ok) return remoteUrl;
  const sharingMode = checkSharing(input.sharingMode, input.organizationId);
  if (!sharingMode.ok) return sharingMode;
  const staticHeaders = checkHeaders('static', input.staticHeaders ?? []);
  if (!staticHeaders.ok) return staticHeaders;
  const auxiliaryHeaders = checkHeaders('auxiliary', input.auxiliaryHeaders ?? []);
  if (!auxiliaryHeaders.ok) return auxiliaryHeaders;
  if (authMode === 'static_headers' && staticHeaders.value.length === 0)
    return invalid('staticHeaders', 'Give at least one header.');
  if (authMode !== 'static_headers' && staticHeaders.value.length > 0) {
    return invalid('staticHeaders', 'Static headers are sent only where the connection signs in by static headers.');
  }
  const provider = checkProvider(authMode, null, input, allowUpstreams);
  if (!provider.ok) return provider;
  const providerClient = checkStaticClient(authMode, input.providerClient);
  if (!providerClient.ok) return providerClient;
  const staticHeaderNames = staticHeaders.value.map((header) => header.name);
  const disjoint = checkDisjoint(staticHeaderNames, auxiliaryHeaders.value);
  if (!disjoint.ok) return disjoint;
  return ok({
    name: name.value,
    remoteUrl: remoteUrl.value,
    authMode,
    sharingMode: sharingMode.value,
    pathPassthrough: input.pathPassthrough ?? false,
    staticHeaderNames,
    staticHeaders: staticHeaders.value,
    auxiliaryHeaders: auxiliaryHeaders.value,
    ...provider.value,
    providerClient: providerClient.value,
  });
}
