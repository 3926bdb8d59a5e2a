/** The signed-in person and what is theirs: everything in the SPA hangs on this. */
import { usableBy } from '../../core/connections/usable.ts';
import { organizationsOf } from '../../core/people/membership.ts';
import type { KeyHolder, Viewer } from '../../core/people/viewer.ts';
import { builder } from './builder.ts';
import { anyKey, needs } from './needs.ts';
import { OWNER, organizationAsked, ownedBy } from './owner.ts';

const MAX_USABLE = 200;

export const ViewerType = builder.objectRef<Viewer | KeyHolder>('Viewer').implement({
  description: 'The signed-in person, or whom an API key acts for.',
  fields: (t) => ({
    user: t.prismaField({
      type: 'User',
      description: 'Their account.',
      ...anyKey,
      resolve: (query, { userId }, _args, { database }) =>
        database.db.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
    }),
    organizations: t.prismaField({
      type: ['Organization'],
      description: 'Those that the viewer is in, by name.',
      ...anyKey,
      resolve: (query, viewer, _args, { database }) =>
        database.db.organization.findMany({
          ...query,
          where: organizationsOf(viewer),
          orderBy: [{ name: 'asc' }, { id: 'asc' }],
        }),
    }),
    usableConnections: t.prismaField({
      type: ['Connection'],
      description: `The connections that the viewer may let a client use; at most ${MAX_USABLE}.`,
      args: { owner: t.arg(OWNER) },
      ...needs('connections:read'),
      resolve: async (query, viewer, { owner }, context) => {
        const organizationId = await organizationAsked(context, owner?.organizationId);
        return context.database.db.connection.findMany({
          ...query,
          where: { AND: [usableBy(viewer), ownedBy(organizationId, viewer.userId)] },
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
    ...anyKey,
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);
