/** The accounts of the gateway, for its admins; and for everyone, what is kept of themselves. */
import type { Prisma } from '@grantway/prisma/client';
import { exportOwnData } from '../../core/people/export.ts';
import { builder } from './builder.ts';
import { adminIn, viewerIn } from './context.ts';
import { encodeGlobalId } from './global-id.ts';
import { needs, noKey } from './needs.ts';
import { containing, pageComplexity, pageFrom, SEARCH } from './page.ts';
import { UserRole } from './user.ts';
import { ViewerType } from './viewer.ts';

export const Person = builder.prismaObject('User', {
  variant: 'Person',
  description: 'An account, as the admins of the gateway see it.',
  fields: (t) => ({
    id: t.id({ description: "The user's id.", select: { id: true }, resolve: ({ id }) => encodeGlobalId('User', id) }),
    name: t.exposeString('name', { description: 'What they call themselves.' }),
    email: t.exposeString('email', { description: 'What they sign in with.' }),
    role: t.expose('role', { type: UserRole, description: 'What they may do in this gateway as a whole.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
    blockedAt: t.expose('blockedAt', { type: 'DateTime', nullable: true, description: 'Null while not blocked.' }),
    blockedReason: t.exposeString('blockedReason', { nullable: true, description: 'Null while not blocked.' }),
    erasedAt: t.expose('deletedAt', { type: 'DateTime', nullable: true, description: 'Null unless erased.' }),
    activeGrantCount: t.relationCount('grants', {
      description: "How many clients' permissions of theirs are in force.",
      where: { status: 'active' as const },
    }),
    organizationCount: t.relationCount('memberships', {
      description: 'How many they are in.',
      where: { removedAt: null, organization: { deletedAt: null } },
    }),
  }),
});

const PersonStanding = builder.enumType('PersonStanding', {
  description: 'Which accounts are meant.',
  values: {
    ACTIVE: { value: 'active', description: 'May sign in.' },
    BLOCKED: { value: 'blocked', description: 'Shut out by an administrator.' },
  } as const,
});

const STANDING: Record<'active' | 'blocked', Prisma.UserWhereInput> = {
  active: { blockedAt: null },
  blocked: { blockedAt: { not: null } },
};

builder.objectField(ViewerType, 'people', (t) =>
  t.prismaConnection(
    {
      type: Person,
      cursor: 'id',
      complexity: pageComplexity,
      ...needs('people:read'),
      description: 'The accounts that are not erased, by name. For the admins of the gateway.',
      args: { search: t.arg.string(SEARCH), standing: t.arg({ type: PersonStanding, description: 'Null: both.' }) },
      totalCount: (_viewer, { search, standing }, context) => {
        adminIn(context);
        return context.database.db.user.count({ where: matching(search, standing) });
      },
      resolve: async (query, _viewer, { search, standing }, context) => {
        adminIn(context);
        const { db } = context.database;
        const where = matching(search, standing);
        const isListed = (id: string) => db.user.findFirst({ where: { AND: [where, { id }] }, select: { id: true } });
        return db.user.findMany({
          ...(await pageFrom(query, isListed)),
          where,
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
        });
      },
    },
    { name: 'PersonPage', description: 'A page of accounts.' },
    { name: 'PersonPageEdge', description: 'An account in its page.' },
  ),
);

function matching(
  search: string | null | undefined,
  standing: 'active' | 'blocked' | null | undefined,
): Prisma.UserWhereInput {
  const text = containing(search);
  return {
    deletedAt: null,
    ...(standing ? STANDING[standing] : {}),
    ...(text ? { OR: [{ name: text }, { email: text }] } : {}),
  };
}

builder.objectField(ViewerType, 'dataExport', (t) =>
  t.string({
    description: 'All that is kept of the viewer, as a JSON document: no secrets, and nothing of anybody else.',
    ...noKey,
    complexity: 1_000,
    resolve: async (_viewer, _args, context) =>
      JSON.stringify(await exportOwnData(context.database, viewerIn(context).userId, context.clock()), null, 2),
  }),
);
