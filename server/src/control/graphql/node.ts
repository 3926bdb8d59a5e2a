/** The one door of `node(id:)`: which rows a viewer may open by their id, whatever type the id says. */
import { visibleTo } from '../../core/connections/manageable.ts';
import type { Viewer } from '../../core/people/viewer.ts';
import { type Context, viewerIn } from './context.ts';

type Find = (context: Context, id: string, viewer: Viewer) => Promise<unknown>;

const select = { id: true } as const;

/** By GraphQL type. A node type that is missing here opens nothing. */
const READABLE: Record<string, Find> = {
  AuditEvent: ({ database: { db } }, id, { userId }) =>
    db.auditEvent.findFirst({ where: { id, OR: [{ ownerUserId: userId }, { actorUserId: userId }] }, select }),
  Client: ({ database: { db } }, id, { userId }) =>
    db.oAuthClient.findFirst({ where: { id, grants: { some: { userId } } }, select }),
  Grant: ({ database: { db } }, id, { userId }) => db.oAuthGrant.findFirst({ where: { id, userId }, select }),
  McpConnection: ({ database: { db } }, id, { userId }) =>
    db.connection.findFirst({ where: { AND: [{ id }, visibleTo(userId)] }, select }),
  Organization: ({ database: { db } }, id, { userId }) =>
    db.organization.findFirst({
      where: { id, deletedAt: null, memberships: { some: { userId, removedAt: null } } },
      select,
    }),
  User: async (_context, id, { userId }) => (id === userId ? { id } : null),
};

export const READABLE_TYPES: readonly string[] = Object.keys(READABLE);

/** Whether the viewer may open it: false for an unknown one, and for another's. */
export async function readNode(context: Context, { typename, id }: { typename: string; id: string }): Promise<boolean> {
  const find = Object.hasOwn(READABLE, typename) ? READABLE[typename] : undefined;
  return find !== undefined && (await find(context, id, viewerIn(context))) !== null;
}
