/** What happened to the viewer and what is theirs, page by page. */
import type { Prisma } from '@grantway/prisma/client';
import { matchingEvents } from '../../core/audit/filter.ts';
import { AuditOutcome } from './audit-event.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { eventFilter, eventReader, type FilterArguments } from './event-reader.ts';
import { needs } from './needs.ts';
import { OWNER, type OwnerArgument } from './owner.ts';
import { pageComplexity, pageFrom } from './page.ts';
import { ViewerType } from './viewer.ts';

const matching = async (
  context: Context,
  asked: OwnerArgument & FilterArguments,
): Promise<Prisma.AuditEventWhereInput> => matchingEvents(await eventReader(context, asked), eventFilter(asked));

builder.objectField(ViewerType, 'auditEvents', (t) =>
  t.prismaConnection(
    {
      type: 'AuditEvent',
      cursor: 'id',
      complexity: pageComplexity,
      ...needs('audit:read'),
      description:
        'Newest first. Owners and admins of an organization read all of its record, its members what they did and what was done to theirs. At most 100 a page.',
      args: {
        owner: t.arg(OWNER),
        grantId: t.arg.id({ description: 'Only events of this grant.' }),
        connectionId: t.arg.id({ description: 'Only events of this connection.' }),
        clientId: t.arg.id({ description: 'Only events of this client, by the id of the Client.' }),
        kinds: t.arg.stringList({ description: 'Kinds, or nouns with a star for all kinds of it: `grant.*`.' }),
        outcome: t.arg({ type: AuditOutcome, description: 'Null: however they ended.' }),
        since: t.arg({ type: 'DateTime', description: 'From this instant on.' }),
        until: t.arg({ type: 'DateTime', description: 'Before this instant.' }),
      },
      resolve: async (query, _viewer, args, context) => {
        const { db } = context.database;
        const where = await matching(context, args);
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
