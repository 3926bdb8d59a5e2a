/** Whose a thing is, and on whose behalf one looks: a person or an organization. */
import type { Prisma } from '@grantway/prisma/client';
import { PERSONAL } from '../../core/grants/grant.ts';
import { organizationsOf } from '../../core/people/membership.ts';
import { builder } from './builder.ts';
import { type Context, forbidden, viewerIn } from './context.ts';
import { rowIdOf } from './global-id.ts';
import { Organization } from './organization.ts';
import { User } from './user.ts';

export const Owner = builder.unionType('Owner', {
  description: 'Whose it is.',
  types: [User, Organization],
  resolveType: (value) => ('email' in value ? 'User' : 'Organization'),
});

const OwnerInput = builder.inputType('OwnerInput', {
  description:
    "Absent: personal; with an organization's API key: that organization. FORBIDDEN for an organization that one is not in.",
  fields: (t) => ({ organizationId: t.id({ description: 'One that the viewer is in; null is as absent.' }) }),
});

/** For the argument of what belongs to one owner. */
export const OWNER = { type: OwnerInput, description: 'Whose; absent: as OwnerInput says.' } as const;

/** The organization asked for; null means personal. @throws FORBIDDEN for one that the viewer is not in, and for one that is not. */
export async function organizationAsked(context: Context, globalId: string | null | undefined): Promise<string | null> {
  const viewer = viewerIn(context);
  if (globalId === null || globalId === undefined) return viewer.onlyIn ?? null;
  const id = rowIdOf('Organization', globalId);
  const where = { AND: [{ id: id ?? '' }, organizationsOf(viewer)] };
  const found = id === null ? null : await context.database.db.organization.findFirst({ where, select: { id: true } });
  if (found === null) throw forbidden();
  return found.id;
}

/** The execution context of an owner. */
export const executionContextFor = (organizationId: string | null): string =>
  organizationId === null ? PERSONAL : `organization:${organizationId}`;

/** The connections of an owner. Does not say whether the user may see them. */
export const ownedBy = (organizationId: string | null, userId: string): Prisma.ConnectionWhereInput =>
  organizationId === null ? { ownerUserId: userId } : { ownerOrganizationId: organizationId };

/** The argument of a list that belongs to one owner. */
export type OwnerArgument = { owner?: { organizationId?: string | null | undefined } | null | undefined };
