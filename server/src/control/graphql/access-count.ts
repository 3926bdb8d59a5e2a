/** How many would lose access if a connection or an organization ended: what a person should read before they end it. */
import type { Prisma } from '@grantway/prisma/client';
import { manageableBy } from '../../core/connections/manageable.ts';
import { ownGrants } from '../../core/grants/caller.ts';
import { executionContextOf } from '../../core/grants/grant.ts';
import { isManager } from '../../core/people/authority.ts';
import { builder } from './builder.ts';
import { type Context, viewerIn } from './context.ts';
import { McpConnection } from './mcp-connection.ts';
import { needs } from './needs.ts';
import { Organization, roleIn } from './organization.ts';

type Counts = { connections: number; people: number; clients: number };

const AccessCount = builder.objectRef<Counts>('AccessCount').implement({
  description: 'How far access reaches at this moment, everyone’s included.',
  fields: (t) => ({
    connections: t.exposeInt('connections', { description: 'How many connections there are.' }),
    people: t.exposeInt('people', { description: 'For how many people clients may act there.' }),
    clients: t.exposeInt('clients', { description: 'How many clients may act there, each counted once.' }),
  }),
});

builder.prismaObjectField(McpConnection, 'activeClientCount', (t) =>
  t.int({
    description: 'How many clients may use it for the viewer: each counted once, however many grants it holds.',
    ...needs('grants:read'),
    select: (_args, context: Context) => ({
      grants: {
        where: { ...ownGrants(viewerIn(context)), status: 'active' as const },
        select: { oauthClientId: true },
        distinct: ['oauthClientId' as const],
      },
    }),
    resolve: ({ grants }) => grants.length,
  }),
);

builder.prismaObjectField(McpConnection, 'access', (t) =>
  t.field({
    type: AccessCount,
    nullable: true,
    description: 'What ending it would end, for everyone. Null for those who may not end it.',
    ...needs('grants:read'),
    complexity: { field: 20, multiplier: 1 },
    select: { id: true },
    resolve: async ({ id }, _args, context) => {
      const mayEnd = await context.database.db.connection.findFirst({
        where: { AND: [{ id }, manageableBy(viewerIn(context))] },
        select: { id: true },
      });
      return mayEnd && { connections: 1, ...(await holders(context, { connectionId: id })) };
    },
  }),
);

builder.prismaObjectField(Organization, 'access', (t) =>
  t.field({
    type: AccessCount,
    nullable: true,
    description: 'What ending it would end, for everyone. Null for all but its owners and admins.',
    ...needs('grants:read'),
    complexity: { field: 20, multiplier: 1 },
    select: { id: true },
    resolve: async ({ id }, _args, context) => {
      if (!isManager(await roleIn(context, id))) return null;
      const connections = await context.database.db.connection.count({
        where: { ownerOrganizationId: id, deletedAt: null },
      });
      const executionContext = executionContextOf({ ownerOrganizationId: id });
      return { connections, ...(await holders(context, { executionContext })) };
    },
  }),
);

async function holders(context: Context, which: Prisma.OAuthGrantWhereInput) {
  const { oAuthGrant } = context.database.db;
  const where = { ...which, status: 'active' as const };
  const [people, clients] = await Promise.all([
    oAuthGrant.groupBy({ by: ['userId'], where }),
    oAuthGrant.groupBy({ by: ['oauthClientId'], where }),
  ]);
  return { people: people.length, clients: clients.length };
}
