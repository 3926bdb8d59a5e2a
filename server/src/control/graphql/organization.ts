/** An organization. */
import { isManager } from '../../core/people/authority.ts';
import { organizationsOf } from '../../core/people/membership.ts';
import { builder } from './builder.ts';
import { type Context, viewerIn } from './context.ts';
import { MembershipRole } from './membership-role.ts';
import { anyKey, noKey } from './needs.ts';

export const Organization = builder.prismaNode('Organization', {
  description: 'People who share connections.',
  ...anyKey,
  select: { id: true },
  id: { field: 'id' },
  nullable: true,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What its members call it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    viewerRole: t.field({
      type: MembershipRole,
      nullable: true,
      description: "The viewer's role. Null when they are not in it (any more).",
      resolve: ({ id }, _args, context) => roleIn(context, id),
    }),
    apiKeys: t.prismaField({
      type: ['ApiKey'],
      description: 'The keys that members made for it and that are not revoked, for owners and admins; else none.',
      ...noKey,
      resolve: async (query, { id }, _args, context) =>
        isManager(await roleIn(context, id))
          ? context.database.db.apiKey.findMany({
              ...query,
              where: { organizationId: id, revokedAt: null },
              orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
            })
          : [],
    }),
  }),
});

/** The viewer's role in an organization, read now. Null when they are not in it. */
export async function roleIn(context: Context, organizationId: string) {
  const membership = await context.database.db.membership.findFirst({
    where: { organizationId, userId: viewerIn(context).userId, removedAt: null, organization: { deletedAt: null } },
    select: { role: true },
  });
  return membership?.role ?? null;
}

/** An organization that the viewer is in; null for every other one. */
export const organizationOfViewer = <Q extends object>(context: Context, id: string, query: Q) =>
  context.database.db.organization.findFirst({
    ...query,
    where: { AND: [{ id }, organizationsOf(viewerIn(context))] },
  });
