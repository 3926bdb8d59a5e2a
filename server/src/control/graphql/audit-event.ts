/** What happened, as the one it happened to reads it. */

import { describe } from '../../core/audit/describe.ts';
import { visibleTo } from '../../core/connections/manageable.ts';
import { ownGrants } from '../../core/grants/caller.ts';
import { builder } from './builder.ts';
import { verifiedHostOf } from './client.ts';
import { viewerIn } from './context.ts';
import { needs } from './needs.ts';

export const AuditOutcome = builder.enumType('AuditOutcome', {
  description: 'How it ended.',
  values: {
    SUCCESS: { value: 'success', description: 'It was done.' },
    DENIED: { value: 'denied', description: 'A person or a rule said no.' },
    FAILURE: { value: 'failure', description: 'It was tried, and did not work.' },
  } as const,
});

const NAMED = { kind: true, clientId: true, name: true } as const;

// The rows of events have no foreign keys. `findUnique` is what Prisma puts together into one statement per page.
export const AuditEvent = builder.prismaNode('AuditEvent', {
  description: 'One thing that happened. It is never changed.',
  ...needs('audit:read'),
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    kind: t.exposeString('kind', { description: '`noun.verb`.' }),
    outcome: t.expose('outcome', { type: AuditOutcome, description: 'Whether it came off.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it was recorded.' }),
    actor: t.prismaField({
      type: 'User',
      nullable: true,
      description: "Null when no person acted (expiry, a client's own act).",
      select: { actorUserId: true },
      resolve: (query, { actorUserId }, _args, { database }) =>
        actorUserId === null ? null : database.db.user.findUnique({ ...query, where: { id: actorUserId } }),
    }),
    grant: t.prismaField({
      type: 'OAuthGrant',
      nullable: true,
      description: 'Null when the event concerns no grant.',
      select: { grantId: true },
      resolve: (query, { grantId }, _args, context) =>
        grantId === null
          ? null
          : context.database.db.oAuthGrant.findUnique({
              ...query,
              where: { id: grantId, ...ownGrants(viewerIn(context)) },
            }),
    }),
    client: t.prismaField({
      type: 'OAuthClient',
      nullable: true,
      description: 'Null when the event concerns no client.',
      select: { oauthClientId: true },
      resolve: (query, { oauthClientId }, _args, { database }) =>
        oauthClientId === null ? null : database.db.oAuthClient.findUnique({ ...query, where: { id: oauthClientId } }),
    }),
    connection: t.prismaField({
      type: 'Connection',
      nullable: true,
      description: 'Null when the event concerns no connection, or one that the viewer may not see (any more).',
      select: { connectionId: true },
      resolve: (query, { connectionId }, _args, context) =>
        connectionId === null
          ? null
          : context.database.db.connection.findUnique({
              ...query,
              where: { id: connectionId, AND: [visibleTo(viewerIn(context))] },
            }),
    }),
    summary: t.string({
      description:
        'One sentence in plain words, which names the client and the connection, and calls the viewer “you”.',
      select: { kind: true, detail: true, actorUserId: true, oauthClientId: true, connectionId: true },
      resolve: async ({ kind, detail, actorUserId, oauthClientId, connectionId }, _args, context) => {
        const { db } = context.database;
        const viewer = viewerIn(context);
        const [client, connection] = await Promise.all([
          oauthClientId === null ? null : db.oAuthClient.findUnique({ where: { id: oauthClientId }, select: NAMED }),
          connectionId === null
            ? null
            : db.connection.findUnique({
                where: { id: connectionId, AND: [visibleTo(viewer)] },
                select: { name: true },
              }),
        ]);
        return describe(kind, detail, {
          host: client && verifiedHostOf(client),
          client: client?.name,
          connection: connection?.name,
          byReader: actorUserId !== null && actorUserId === viewer.userId,
        });
      },
    }),
  }),
});
