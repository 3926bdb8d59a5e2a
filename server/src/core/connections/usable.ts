/** Who may use a connection: the owner of a personal one; in an organization, a member to whom it is assigned. */
import type { Prisma } from '@grantway/prisma/client';

/** The connections that a user may let a client use now. */
export const usableBy = (userId: string): Prisma.ConnectionWhereInput => ({
  deletedAt: null,
  status: 'enabled',
  OR: [
    { ownerUserId: userId },
    {
      ownerOrganization: { deletedAt: null, memberships: { some: { userId, removedAt: null } } },
      assignments: { some: { userId, removedAt: null } },
    },
  ],
});
