/** The signed-in person and what is theirs: everything in the SPA hangs on this. */
import { usableBy } from '../../core/connections/usable.ts';
import type { Viewer } from '../../core/people/viewer.ts';
import { builder } from './builder.ts';
import { OwnerInput, organizationAsked, ownedBy } from './owner.ts';

const MAX_USABLE = 200;

export const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'The signed-in person.',
  fields: (t) => ({
    user: t.prismaField({
      type: 'User',
      resolve: (query, { userId }, _args, { database }) =>
        database.db.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
    }),
    organizations: t.prismaField({
      type: ['Organization'],
      resolve: (query, { userId }, _args, { database }) =>
        database.db.organization.findMany({
          ...query,
          where: { deletedAt: null, memberships: { some: { userId, removedAt: null } } },
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
        }),
    }),
    usableConnections: t.prismaField({
      type: ['Connection'],
      description: `The connections that the viewer may let a client use; at most ${MAX_USABLE}.`,
      args: { owner: t.arg({ type: OwnerInput }) },
      resolve: async (query, { userId }, { owner }, context) => {
        const organizationId = await organizationAsked(context, owner?.organizationId);
        return context.database.db.connection.findMany({
          ...query,
          where: { AND: [usableBy(userId), ownedBy(organizationId, userId)] },
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
          take: MAX_USABLE,
        });
      },
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    skipTypeScopes: true,
    description: 'The signed-in person. Null when signed out.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
