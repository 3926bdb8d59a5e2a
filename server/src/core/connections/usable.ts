/** Who may use a connection: the owner of a personal one; in an organization, a member to whom it is assigned. */
import type { Prisma } from '@grantway/prisma/client';
import type { Caller } from '../grants/caller.ts';
import { within } from './manageable.ts';

/** The connections that a caller may let a client use now. */
export const usableBy = (caller: Caller): Prisma.ConnectionWhereInput => {
  const { userId } = caller;
  return {
    ...within(caller),
    deletedAt: null,
    status: 'enabled',
    OR: [
      { ownerUserId: userId },
      {
        ownerOrganization: { deletedAt: null, memberships: { some: { userId, removedAt: null } } },
        assignments: { some: { userId, removedAt: null } },
      },
    ],
  };
};
