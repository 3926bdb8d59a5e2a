/** The one door of `node(id:)`: which rows a viewer may open by their id, whatever type the id says. */
import type { GraphQLSchema } from 'graphql';
import { visibleTo } from '../../core/connections/manageable.ts';
import { type Caller, ownGrants } from '../../core/grants/caller.ts';
import { organizationsOf } from '../../core/people/membership.ts';
import { type Context, viewerIn } from './context.ts';
import { mayOpenEvent } from './event-open.ts';
import { mayRead } from './needs.ts';

type Find = (context: Context, id: string, viewer: Caller) => Promise<unknown>;

const select = { id: true } as const;

/** By GraphQL type. A node type that is missing here opens nothing. */
const READABLE: Record<string, Find> = {
  AuditEvent: async (context, id) => ((await mayOpenEvent(context, id)) ? { id } : null),
  Client: ({ database: { db } }, id, viewer) =>
    db.oAuthClient.findFirst({ where: { id, grants: { some: ownGrants(viewer) } }, select }),
  Grant: ({ database: { db } }, id, viewer) => db.oAuthGrant.findFirst({ where: { id, ...ownGrants(viewer) }, select }),
  McpConnection: ({ database: { db } }, id, viewer) =>
    db.connection.findFirst({ where: { AND: [{ id }, visibleTo(viewer)] }, select }),
  Organization: ({ database: { db } }, id, viewer) =>
    db.organization.findFirst({ where: { AND: [{ id }, organizationsOf(viewer)] }, select }),
  User: async (_context, id, { userId }) => (id === userId ? { id } : null),
};

export const READABLE_TYPES: readonly string[] = Object.keys(READABLE);

/** Whether the viewer may open it: false for an unknown one, for another's, and for one that their API key has no scope for. */
export async function readNode(
  context: Context,
  { typename, id }: { typename: string; id: string },
  schema: GraphQLSchema,
): Promise<boolean> {
  const find = Object.hasOwn(READABLE, typename) ? READABLE[typename] : undefined;
  const viewer = viewerIn(context);
  // A key without the scope learns no more of a thing than that there is none.
  return find !== undefined && mayRead(viewer, schema.getType(typename)) && (await find(context, id, viewer)) !== null;
}
