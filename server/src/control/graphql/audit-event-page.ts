/** What happened to the viewer and what is theirs, page by page. */
import type { Prisma } from '@grantway/prisma/client';
import { builder } from './builder.ts';
import { badInput, type Context } from './context.ts';
import { rowIdOf } from './global-id.ts';
import { needs } from './needs.ts';
import { type OwnerArgument, OwnerInput, organizationAsked } from './owner.ts';
import { pageComplexity, pageFrom } from './page.ts';
import { ViewerType } from './viewer.ts';

const MAX_KINDS = 50;
/** No row has it: an id that names nothing finds nothing. */
const NO_ROW = '00000000-0000-0000-0000-000000000000';

type Asked = OwnerArgument & {
  grantId?: string | null | undefined;
  connectionId?: string | null | undefined;
  kinds?: readonly string[] | null | undefined;
};

async function matching(context: Context, userId: string, asked: Asked): Promise<Prisma.AuditEventWhereInput> {
  const { grantId, connectionId, kinds } = asked;
  if (kinds && kinds.length > MAX_KINDS) throw badInput(`At most ${MAX_KINDS} kinds at once.`);
  const organizationId = await organizationAsked(context, asked.owner?.organizationId);
  return {
    ownerOrganizationId: organizationId,
    // In an organization the viewer sees what they did and what was done to theirs; of others nothing.
    OR: organizationId === null ? [{ ownerUserId: userId }] : [{ ownerUserId: userId }, { actorUserId: userId }],
    ...(typeof grantId === 'string' ? { grantId: rowIdOf('Grant', grantId) ?? NO_ROW } : {}),
    ...(typeof connectionId === 'string' ? { connectionId: rowIdOf('McpConnection', connectionId) ?? NO_ROW } : {}),
    ...(kinds ? { kind: { in: [...kinds] } } : {}),
  };
}

builder.objectField(ViewerType, 'auditEvents', (t) =>
  t.prismaConnection(
    {
      type: 'AuditEvent',
      cursor: 'id',
      complexity: pageComplexity,
      ...needs('audit:read'),
      description: 'Newest first. At most 100 a page.',
      args: {
        owner: t.arg({ type: OwnerInput }),
        grantId: t.arg.id(),
        connectionId: t.arg.id(),
        kinds: t.arg.stringList(),
      },
      resolve: async (query, { userId }, args, context) => {
        const { db } = context.database;
        const where = await matching(context, userId, args);
        const isListed = (id: string) =>
          db.auditEvent.findFirst({ where: { AND: [where, { id }] }, select: { id: true } });
        return db.auditEvent.findMany({
          ...(await pageFrom(query, isListed)),
          where,
          orderBy: [{ occurredAt: 'desc' }, { id: 'desc' }],
        });
      },
    },
    { name: 'AuditEventPage', description: 'A page of events.' },
    { name: 'AuditEventPageEdge', description: 'An event in its page.' },
  ),
);
