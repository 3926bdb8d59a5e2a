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
    NONE: { value: 'none', description: 'Not at all: the upstream lets anyone in.' },
    STATIC_HEADERS: {
      value: 'static_headers',
      description: 'With fixed headers that a person entered, such as a key.',
    },
    OAUTH_DYNAMIC: { value: 'oauth_dynamic', description: 'With OAuth, as a client that introduces itself.' },
    OAUTH_STATIC: {
      value: 'oauth_static',
      description: 'With OAuth, as a client that a person registered at the provider.',
    },
  } as const,
});

export const SharingMode = builder.enumType('SharingMode', {
  description: 'How many people may use a connection.',
  values: {
    SINGLE_USER: {
      value: 'single_user',
      description: 'One person at a time; assigning another ends what the first had.',
    },
    MULTI_USER: { value: 'multi_user', description: 'Everyone who is assigned, each with a sign-in of their own.' },
  } as const,
});

const ConnectionStatus = builder.enumType('ConnectionStatus', {
  description: 'Whether a connection may be used.',
  values: {
    ENABLED: { value: 'enabled', description: 'It may be used.' },
    DISABLED: { value: 'disabled', description: 'Switched off: nothing passes until it is switched on again.' },
    DELETED: { value: 'deleted', description: 'Gone for good; kept so that the record can name it.' },
  } as const,
});

const HeaderType = builder.objectRef<Header>('Header').implement({
  description: 'A header that is sent to the upstream in plain sight.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Case does not matter.' }),
    value: t.exposeString('value', { description: 'As it is sent.' }),
  }),
});

export const HeaderInput = builder.inputType('HeaderInput', {
  description: 'A header to send to the upstream.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Case does not matter.' }),
    value: t.string({ required: true, description: 'As it is sent.' }),
  }),
});

export const McpConnection = builder.prismaNode('Connection', {
  name: 'McpConnection',
  description: 'One remote MCP endpoint and how to sign in there.',
  ...needs('connections:read'),
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
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
    remoteUrl: t.exposeString('remoteUrl', { description: 'Where its MCP server is.' }),
    authMode: t.expose('authMode', { type: AuthMode, description: 'How it signs in at the upstream.' }),
    sharingMode: t.expose('sharingMode', { type: SharingMode, description: 'How many members may be assigned to it.' }),
    status: t.field({
      type: ConnectionStatus,
      description: 'Whether it may be used.',
      select: { status: true, deletedAt: true },
      resolve: ({ status, deletedAt }) => (deletedAt === null ? status : 'deleted'),
    }),
    pathPassthrough: t.exposeBoolean('pathPassthrough', {
      description: 'Whether what a client adds to the connect URL is added to the remote one.',
    }),
    owner: t.field({
      type: Owner,
      description: 'Who decides about it: a person, or an organization.',
      select: { ownerUser: true, ownerOrganization: true },
      resolve: ({ ownerUser, ownerOrganization }) => {
        const owner = ownerUser ?? ownerOrganization;
        if (!owner) throw new Error('a connection has no owner');
        return owner;
      },
    }),
    version: t.exposeInt('version', {
      description:
        'Goes up with each change that makes another server or sign-in of it, and so ends its grants; not with a new name. connectionUpdate takes it, to notice those of others.',
    }),
    staticHeaderNames: t.exposeStringList('staticHeaderNames', {
      description: 'Names only: a value is never shown again.',
    }),
    auxiliaryHeaders: t.field({
      type: [HeaderType],
      description: 'Sent to the upstream with every request; no secrets.',
      select: { auxiliaryHeaders: true },
      resolve: (connection) => auxiliaryOf(connection),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    activeGrantCount: t.relationCount('grants', {
      description: "The viewer's active grants for this connection.",
      ...needs('grants:read'),
      where: (_args, context) => ({ ...ownGrants(viewerIn(context)), status: 'active' as const }),
    }),
  }),
});
