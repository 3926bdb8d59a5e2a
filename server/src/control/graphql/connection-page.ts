/** The viewer's connections, page by page. */
import type { Prisma } from '@grantway/prisma/client';
import { visibleTo } from '../../core/connections/manageable.ts';
import type { Caller } from '../../core/grants/caller.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { needs } from './needs.ts';
import { OWNER, type OwnerArgument, organizationAsked, ownedBy } from './owner.ts';
import { containing, pageComplexity, pageFrom, SEARCH } from './page.ts';
import { ViewerType } from './viewer.ts';

type Asked = OwnerArgument & { search?: string | null | undefined };

async function matching(
  context: Context,
  viewer: Caller,
  { owner, search }: Asked,
): Promise<Prisma.ConnectionWhereInput> {
  const organizationId = await organizationAsked(context, owner?.organizationId);
  const text = containing(search);
  return {
    AND: [
      visibleTo(viewer),
      ownedBy(organizationId, viewer.userId),
      text ? { OR: [{ name: text }, { remoteUrl: text }] } : {},
    ],
  };
}

builder.objectField(ViewerType, 'connections', (t) =>
  t.prismaConnection(
    {
      type: 'Connection',
      cursor: 'id',
      complexity: pageComplexity,
      ...needs('connections:read'),
      description: 'By name. `search` looks into name and remote URL. At most 100 a page.',
      args: { owner: t.arg(OWNER), search: t.arg.string(SEARCH) },
      totalCount: async (viewer, args, context) =>
        context.database.db.connection.count({ where: await matching(context, viewer, args) }),
      resolve: async (query, viewer, args, context) => {
        const { db } = context.database;
        const where = await matching(context, viewer, args);
        const isListed = (id: string) =>
          db.connection.findFirst({ where: { AND: [where, { id }] }, select: { id: true } });
        return db.connection.findMany({
          ...(await pageFrom(query, isListed)),
          where,
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
        });
      },
    },
    { name: 'McpConnectionPage', description: 'A page of connections.' },
    { name: 'McpConnectionPageEdge', description: 'A connection in its page.' },
  ),
);
