/** The clients that may act for the viewer, page by page, each with its grants. */
import type { OAuthClient, OAuthGrant } from '@grantway/prisma/client';
import { queryFromInfo } from '@pothos/plugin-prisma';
import { type ClientOfGrants, grantsByClient, type Wanted } from '../../core/grants/by-client.ts';
import { type Caller, ownGrants } from '../../core/grants/caller.ts';
import { builder } from './builder.ts';
import { Client } from './client.ts';
import { badInput, type Context } from './context.ts';
import { encodeGlobalId, isUuid, rowIdOf } from './global-id.ts';
import { Grant } from './grant.ts';
import { needs } from './needs.ts';
import { executionContextFor, OWNER, type OwnerArgument, organizationAsked } from './owner.ts';
import { pageComplexity, SEARCH, searched } from './page.ts';
import { ViewerType } from './viewer.ts';

const GrantStanding = builder.enumType('GrantStanding', {
  description: 'Which grants of a client are meant.',
  values: {
    ACTIVE: { value: 'active', description: 'In force.' },
    REVOKED: { value: 'revoked', description: 'Ended by someone, or by something that it hung on.' },
    EXPIRED: { value: 'expired', description: 'Ended because its time was over, or because it was not used.' },
  } as const,
});

const ClientOrder = builder.enumType('ClientOrder', {
  description: 'In which order clients come.',
  values: {
    LAST_USED: { value: 'last_used', description: 'Used last, first; approval counts where it was never used.' },
    LONGEST_UNUSED: {
      value: 'longest_unused',
      description: 'Used longest ago, first; approval counts where it was never used.',
    },
    NEWEST: { value: 'newest', description: 'Approved last, first.' },
    LAST_ENDED: { value: 'last_ended', description: 'Ended last, first.' },
  } as const,
});

type Shown = ClientOfGrants & { client: OAuthClient; grants: OAuthGrant[] };

const AuthorizedClient = builder.objectRef<Shown>('AuthorizedClient').implement({
  description: "A client and those of the viewer's grants that it holds.",
  fields: (t) => ({
    id: t.id({ description: "The client's id.", resolve: ({ clientId }) => encodeGlobalId('Client', clientId) }),
    client: t.field({
      type: Client,
      description: 'Who holds the grants.',
      resolve: ({ client }) => client,
    }),
    grants: t.field({
      type: [Grant],
      description: 'Those that match, the most recently used first; at most 50.',
      resolve: ({ grants }) => grants,
    }),
  }),
});

type Asked = OwnerArgument & {
  standing?: Wanted['standing'] | null | undefined;
  connectionId?: string | null | undefined;
  search?: string | null | undefined;
};

async function wantedOf(context: Context, { userId, onlyIn }: Caller, asked: Asked): Promise<Wanted> {
  const organizationId = await organizationAsked(context, asked.owner?.organizationId);
  // A connection has one owner: who names one need not name the other.
  const anyOwner = asked.connectionId && !asked.owner && !onlyIn;
  return {
    userId,
    executionContext: anyOwner ? undefined : executionContextFor(organizationId),
    standing: asked.standing ?? 'active',
    // An id that names nothing matches nothing.
    connectionId:
      typeof asked.connectionId === 'string' ? (rowIdOf('McpConnection', asked.connectionId) ?? NOTHING) : undefined,
    search: searched(asked.search),
  };
}

const NOTHING = '00000000-0000-0000-0000-000000000000';

const cursorOf = ({ key, clientId }: ClientOfGrants): string => `${key}/${clientId}`;

function placeOf(cursor: string | null | undefined): { key: string; clientId: string } | undefined {
  if (cursor === null || cursor === undefined) return undefined;
  const [key = '', clientId] = cursor.split('/', 2);
  if (!/^-?\d{1,18}$/.test(key) || !isUuid(clientId)) throw badInput('This cursor is not one of ours.');
  return { key, clientId };
}

const MAX_PAGE = 100;

builder.objectField(ViewerType, 'authorizedClients', (t) =>
  t.connection(
    {
      type: AuthorizedClient,
      complexity: pageComplexity,
      ...needs('grants:read'),
      description:
        'By client. `search` looks into the names of clients and connections, and the addresses of verified clients. At most 100 a page, forwards.',
      args: {
        owner: t.arg(OWNER),
        standing: t.arg({ type: GrantStanding, defaultValue: 'active', description: 'Null: active.' }),
        order: t.arg({ type: ClientOrder, defaultValue: 'last_used', description: 'Null: used last, first.' }),
        connectionId: t.arg.id({ description: 'Only grants for this connection, whoever owns it.' }),
        search: t.arg.string(SEARCH),
      },
      resolve: async (viewer, args, context, info) => {
        const { database } = context;
        if (args.before || args.last) throw badInput('This list is paged forwards.');
        const first = Math.min(args.first ?? 20, MAX_PAGE);
        if (first < 1) throw badInput('A page has at least one entry.');
        const wanted = await wantedOf(context, viewer, args);
        const order = args.order ?? 'last_used';
        const behind = placeOf(args.after);
        const { clients: matched, total } = await grantsByClient(database, wanted, { order, take: first + 1, behind });
        const page = matched.slice(0, first);
        // One statement for the grants of the whole page and one for its clients, with all that was asked of them.
        const [grants, clients] = await Promise.all([
          database.db.oAuthGrant.findMany({
            ...queryFromInfo({ context, info, typeName: 'Grant', path: ['edges', 'node', 'grants'] }),
            where: { id: { in: page.flatMap(({ grantIds }) => grantIds) }, ...ownGrants(viewer) },
          }),
          database.db.oAuthClient.findMany({
            ...queryFromInfo({ context, info, typeName: 'Client', path: ['edges', 'node', 'client'] }),
            where: { id: { in: page.map(({ clientId }) => clientId) } },
          }),
        ]);
        const grantOf = new Map((grants as OAuthGrant[]).map((grant) => [grant.id, grant]));
        const clientOf = new Map((clients as OAuthClient[]).map((client) => [client.id, client]));
        const edges = page.flatMap((found) => {
          const client = clientOf.get(found.clientId);
          // Deleted in this very moment.
          if (client === undefined) return [];
          const node = { ...found, client, grants: found.grantIds.flatMap((id) => grantOf.get(id) ?? []) };
          return [{ cursor: cursorOf(found), node }];
        });
        return {
          total,
          edges,
          pageInfo: {
            hasNextPage: matched.length > first,
            hasPreviousPage: behind !== undefined,
            startCursor: edges[0]?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
        };
      },
    },
    {
      name: 'AuthorizedClientPage',
      description: 'A page of clients.',
      fields: (page) => ({
        totalCount: page.int({ resolve: (shown) => (shown as unknown as { total: number }).total }),
      }),
    },
    { name: 'AuthorizedClientPageEdge', description: 'A client in its page.' },
  ),
);
