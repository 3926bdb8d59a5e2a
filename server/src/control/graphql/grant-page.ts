/** The viewer's grants, page by page. */
import type { Prisma, GrantStatus as Status } from '@grantway/prisma/client';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { GrantStatus } from './grant.ts';
import { executionContextFor, type OwnerArgument, OwnerInput, organizationAsked } from './owner.ts';
import { containing, pageComplexity, pageFrom } from './page.ts';
import { ViewerType } from './viewer.ts';

type Asked = OwnerArgument & { status?: Status | null | undefined; search?: string | null | undefined };

async function matching(context: Context, userId: string, asked: Asked): Promise<Prisma.OAuthGrantWhereInput> {
  const organizationId = await organizationAsked(context, asked.owner?.organizationId);
  const text = containing(asked.search);
  return {
    userId,
    executionContext: executionContextFor(organizationId),
    ...(asked.status ? { status: asked.status } : {}),
    ...(text ? { OR: [{ client: { name: text } }, { connection: { name: text } }] } : {}),
  };
}

builder.objectField(ViewerType, 'grants', (t) =>
  t.prismaConnection(
    {
      type: 'OAuthGrant',
      cursor: 'id',
      complexity: pageComplexity,
      description:
        'Newest first. `status: null` means all of them; `search` looks into the names of client and connection. At most 100 a page.',
      args: {
        owner: t.arg({ type: OwnerInput }),
        status: t.arg({ type: GrantStatus, defaultValue: 'active' }),
        search: t.arg.string(),
      },
      totalCount: async ({ userId }, args, context) =>
        context.database.db.oAuthGrant.count({ where: await matching(context, userId, args) }),
      resolve: async (query, { userId }, args, context) => {
        const { db } = context.database;
        const where = await matching(context, userId, args);
        const isListed = (id: string) =>
          db.oAuthGrant.findFirst({ where: { AND: [where, { id }] }, select: { id: true } });
        return db.oAuthGrant.findMany({
          ...(await pageFrom(query, isListed)),
          where,
          orderBy: [{ approvedAt: 'desc' }, { id: 'desc' }],
        });
      },
    },
    { name: 'GrantPage', description: 'A page of grants.' },
    { name: 'GrantPageEdge', description: 'A grant in its page.' },
  ),
);
