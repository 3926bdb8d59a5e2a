/** The viewer as the reader of a record: what they may see of it hangs on their role now. */
import type { EventReader } from '../../core/audit/filter.ts';
import { type Context, viewerIn } from './context.ts';
import { type OwnerArgument, organizationAsked } from './owner.ts';

/** @throws FORBIDDEN for an organization that the viewer is not in */
export async function eventReader(context: Context, { owner }: OwnerArgument): Promise<EventReader> {
  const { userId } = viewerIn(context);
  const organizationId = await organizationAsked(context, owner?.organizationId);
  if (organizationId === null) return { userId, organizationId, readsAll: false };
  const manager = await context.database.db.membership.findFirst({
    where: { userId, organizationId, removedAt: null, role: { in: ['owner', 'admin'] } },
    select: { id: true },
  });
  return { userId, organizationId, readsAll: manager !== null };
}
