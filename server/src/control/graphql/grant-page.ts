/** The viewer's grants, page by page. */
import type { Prisma, GrantStatus as Status } from '@grantway/prisma/client';
import { type Caller, ownGrants } from '../../core/grants/caller.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { GrantStatus } from './grant.ts';
import { needs } from './needs.ts';
import { executionContextFor, OWNER, type OwnerArgument, organizationAsked } from './owner.ts';
import { containing, pageComplexity, pageFrom, SEARCH } from './page.ts';
import { ViewerType } from './viewer.ts';

type Asked = OwnerArgument & { status?: Status | null | undefined; search?: string | null | undefined };

async function matching(context: Context, viewer: Caller, asked: Asked): Promise<Prisma.OAuthGrantWhereInput> {
  const organizationId = await organizationAsked(context, asked.owner?.organizationId);
  const text = containing(asked.search);
  return {
    ...ownGrants(viewer),
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
      ...needs('grants:read'),
      description:
        'Newest first. `status: null` means all of them; `search` looks into the names of client and connection. At most 100 a page.',
      args: {
        owner: t.arg(OWNER),
        status: t.arg({ type: GrantStatus, defaultValue: 'active', description: 'Null: all of them.' }),
        search: t.arg.string(SEARCH),
      },
      totalCount: async (viewer, args, context) =>
        context.database.db.oAuthGrant.count({ where: await matching(context, viewer, args) }),
      resolve: async (query, viewer, args, context) => {
        const { db } = context.database;
        const where = await matching(context, viewer, args);
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
