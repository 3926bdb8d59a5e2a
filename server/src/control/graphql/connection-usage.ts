/** How much a connection is used. */
import { manageableBy } from '../../core/connections/manageable.ts';
import { connectionUsage } from '../../core/grants/connection-usage.ts';
import { after } from '../../platform/clock.ts';
import { builder } from './builder.ts';
import { badInput, viewerIn } from './context.ts';
import { McpConnection } from './mcp-connection.ts';
import { needs } from './needs.ts';
import { UsagePoint } from './usage-point.ts';

const MAX_DAYS = 90;

builder.prismaObjectField(McpConnection, 'usage', (t) =>
  t.field({
    type: [UsagePoint],
    ...needs('grants:read'),
    description: `Requests by the hour, oldest first; hours without any are left out. Everyone's for those who manage the connection, else the viewer's own. At most ${MAX_DAYS} days.`,
    args: { days: t.arg.int({ defaultValue: 30, description: `How far back, from 1 to ${MAX_DAYS}.` }) },
    select: { id: true },
    resolve: async ({ id }, { days }, context) => {
      const wanted = days ?? 30;
      if (wanted < 1 || wanted > MAX_DAYS) throw badInput(`days is between 1 and ${MAX_DAYS}.`);
      const viewer = viewerIn(context);
      const manages = await context.database.db.connection.findFirst({
        where: { AND: [{ id }, manageableBy(viewer)] },
        select: { id: true },
      });
      return connectionUsage(context.database, {
        connectionId: id,
        userId: manages ? undefined : viewer.userId,
        since: after(context.clock(), -wanted * 86_400),
      });
    },
  }),
);
