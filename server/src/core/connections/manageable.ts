/** Who may see and who may change a connection: the owner of a personal one; in an organization, its owners and admins. */
import type { Prisma } from '@grantway/prisma/client';
import type { Tx } from '../../platform/transact.ts';
import type { Caller } from '../grants/caller.ts';

const member = (userId: string, roles?: ('owner' | 'admin')[]): Prisma.OrganizationWhereInput => ({
  deletedAt: null,
  memberships: { some: { userId, removedAt: null, ...(roles ? { role: { in: roles } } : {}) } },
});

/** The connections that a caller reaches at all: an organization's key only that organization's. */
export const within = ({ onlyIn }: Caller): Prisma.ConnectionWhereInput =>
  onlyIn ? { ownerOrganizationId: onlyIn } : {};

/** The connections that a caller may change. */
export const manageableBy = (caller: Caller): Prisma.ConnectionWhereInput => ({
  ...within(caller),
  deletedAt: null,
  OR: [{ ownerUserId: caller.userId }, { ownerOrganization: member(caller.userId, ['owner', 'admin']) }],
});

/** The connections that a caller may look at: those to change, and those of an organization that are assigned to them. */
export const visibleTo = (caller: Caller): Prisma.ConnectionWhereInput => {
  const { userId } = caller;
  return {
    ...within(caller),
    deletedAt: null,
    OR: [
      { ownerUserId: userId },
      { ownerOrganization: member(userId, ['owner', 'admin']) },
      { ownerOrganization: member(userId), assignments: { some: { userId, removedAt: null } } },
    ],
  };
};

export type ManagedConnection = Prisma.ConnectionGetPayload<object>;

/** What `isKnownTo` looks at, to be read along with a connection. */
export const relationTo = ({ userId }: Caller) =>
  ({
    ownerUserId: true,
    ownerOrganizationId: true,
    ownerOrganization: {
      select: { deletedAt: true, memberships: { where: { userId, removedAt: null }, select: { role: true } } },
    },
    assignments: { where: { userId, removedAt: null }, select: { id: true } },
  }) satisfies Prisma.ConnectionSelect;

/** Whether a caller's grant may still tell of its connection: what `visibleTo` says, deleted ones included, of one that is at hand. */
export function isKnownTo(
  { userId, onlyIn }: Caller,
  connection: Prisma.ConnectionGetPayload<{ select: ReturnType<typeof relationTo> }>,
): boolean {
  const { ownerUserId, ownerOrganizationId, ownerOrganization, assignments } = connection;
  if (onlyIn && ownerOrganizationId !== onlyIn) return false;
  if (ownerUserId === userId) return true;
  const role = ownerOrganization?.deletedAt === null ? ownerOrganization.memberships[0]?.role : undefined;
  return role === 'owner' || role === 'admin' || (role === 'member' && assignments.length > 0);
}

/** Locks a connection that this caller may change; null for an unknown one, and for another's. */
export async function lockManaged(tx: Tx, caller: Caller, connectionId: string): Promise<ManagedConnection | null> {
  const where: Prisma.ConnectionWhereInput = { AND: [{ id: connectionId }, manageableBy(caller)] };
  // Whose it is not does not get to lock it either.
  if (!(await tx.connection.findFirst({ where, select: { id: true } }))) return null;
  await tx.$queryRaw`SELECT id FROM connection WHERE id = ${connectionId}::uuid FOR UPDATE`;
  // A statement of its own: joined to the lock it could tell of memberships as they were before the wait.
  return tx.connection.findFirst({ where });
}

/** The role that lets a user make connections for an organization; null when they are not in it. */
export async function roleIn(tx: Tx, userId: string, organizationId: string) {
  const [membership] = await tx.$queryRaw<{ role: 'owner' | 'admin' | 'member' }[]>`
    SELECT m.role::text FROM membership m JOIN organization o ON o.id = m.organization_id AND o.deleted_at IS NULL
    WHERE m.organization_id = ${organizationId}::uuid AND m.user_id = ${userId}::uuid AND m.removed_at IS NULL FOR SHARE OF o, m`;
  return membership?.role ?? null;
}
