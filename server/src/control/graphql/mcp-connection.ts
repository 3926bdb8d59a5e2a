/** A connection: one remote MCP endpoint, as its owner sees it. */

import type { Header } from '../../core/connections/header.ts';
import { connectUrl } from '../../core/connections/resource.ts';
import { auxiliaryOf } from '../../core/connections/secrets.ts';
import { ownGrants } from '../../core/grants/caller.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { needs } from './needs.ts';
import { Owner } from './owner.ts';

export const AuthMode = builder.enumType('AuthMode', {
  description: 'How Grantway signs in at the upstream.',
  values: {
    NONE: { value: 'none' },
    STATIC_HEADERS: { value: 'static_headers' },
    OAUTH_DYNAMIC: { value: 'oauth_dynamic' },
    OAUTH_STATIC: { value: 'oauth_static' },
  } as const,
});

export const SharingMode = builder.enumType('SharingMode', {
  description: 'How many people may use a connection.',
  values: { SINGLE_USER: { value: 'single_user' }, MULTI_USER: { value: 'multi_user' } } as const,
});

const ConnectionStatus = builder.enumType('ConnectionStatus', {
  description: 'Whether a connection may be used.',
  values: { ENABLED: { value: 'enabled' }, DISABLED: { value: 'disabled' }, DELETED: { value: 'deleted' } } as const,
});

const HeaderType = builder.objectRef<Header>('Header').implement({
  description: 'A header that is sent to the upstream in plain sight.',
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
});

export const HeaderInput = builder.inputType('HeaderInput', {
  description: 'A header to send to the upstream.',
  fields: (t) => ({ name: t.string({ required: true }), value: t.string({ required: true }) }),
});

export const McpConnection = builder.prismaNode('Connection', {
  name: 'McpConnection',
  description: 'One remote MCP endpoint and how to sign in there.',
  ...needs('connections:read'),
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name'),
    url: t.string({
      description: 'The canonical connect URL: what a client is given.',
      select: {
        id: true,
        ownerUserId: true,
        ownerOrganizationId: true,
        // A deleted connection has none that is live: its last one tells which address is dead.
        resources: { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: 1 },
      },
      resolve: (connection, _args, { base }) =>
        connectUrl(base, {
          ...connection,
          connectionId: connection.id,
          routeKey: connection.resources[0]?.routeKey ?? '',
        }),
    }),
    remoteUrl: t.exposeString('remoteUrl'),
    authMode: t.expose('authMode', { type: AuthMode }),
    sharingMode: t.expose('sharingMode', { type: SharingMode }),
    status: t.field({
      type: ConnectionStatus,
      select: { status: true, deletedAt: true },
      resolve: ({ status, deletedAt }) => (deletedAt === null ? status : 'deleted'),
    }),
    pathPassthrough: t.exposeBoolean('pathPassthrough'),
    owner: t.field({
      type: Owner,
      select: { ownerUser: true, ownerOrganization: true },
      resolve: ({ ownerUser, ownerOrganization }) => {
        const owner = ownerUser ?? ownerOrganization;
        if (!owner) throw new Error('a connection has no owner');
        return owner;
      },
    }),
    version: t.exposeInt('version'),
    staticHeaderNames: t.exposeStringList('staticHeaderNames', {
      description: 'Names only: a value is never shown again.',
    }),
    auxiliaryHeaders: t.field({
      type: [HeaderType],
      select: { auxiliaryHeaders: true },
      resolve: (connection) => auxiliaryOf(connection),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    activeGrantCount: t.relationCount('grants', {
      description: "The viewer's active grants for this connection.",
      ...needs('grants:read'),
      where: (_args, context) => ({ ...ownGrants(viewerIn(context)), status: 'active' as const }),
    }),
  }),
});
