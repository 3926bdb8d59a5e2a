/** The viewer as the reader of a record: what they may see of it hangs on their role now. Knows no schema: `node` asks it too. */
import { type EventReader, mayRead } from '../../core/audit/filter.ts';
import { readRecorded } from '../../core/audit/recorded.ts';
import { organizationsOf } from '../../core/people/membership.ts';
import { type Context, viewerIn } from './context.ts';

/** Does not check that the viewer is in the organization. */
export async function readerOf(context: Context, organizationId: string | null): Promise<EventReader> {
  const { userId } = viewerIn(context);
  if (organizationId === null) return { userId, organizationId, readsAll: false };
  const manager = await context.database.db.membership.findFirst({
    where: { userId, organizationId, removedAt: null, role: { in: ['owner', 'admin'] } },
    select: { id: true },
  });
  return { userId, organizationId, readsAll: manager !== null };
}

/** Whether the viewer may open an event by its id. */
export async function mayOpenEvent(context: Context, id: string): Promise<boolean> {
  const { db } = context.database;
  const viewer = viewerIn(context);
  const [event] = await readRecorded(context.database, [id]);
  if (!event) return false;
  const { ownerOrganizationId } = event;
  if (ownerOrganizationId === null) return !viewer.onlyIn && mayRead(await readerOf(context, null), event);
  const where = { AND: [{ id: ownerOrganizationId }, organizationsOf(viewer)] };
  const isIn = (await db.organization.findFirst({ where, select: { id: true } })) !== null;
  return isIn && mayRead(await readerOf(context, ownerOrganizationId), event);
}
