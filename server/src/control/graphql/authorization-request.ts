/** An authorization request: what consent shows, from the row alone. */
import {
  candidatesOf,
  needsFreshSignIn,
  type StoredRequest,
  showRequest,
  statusOf,
} from '../../core/authorizations/request.ts';
import { isLocalRedirect } from '../../core/clients/redirect-uri.ts';
import { AuthorizationRequestStatus } from './authorization-request-status.ts';
import { builder } from './builder.ts';
import { type Context, viewerIn } from './context.ts';
import { noKey } from './needs.ts';
import { Owner } from './owner.ts';

type Shown = { request: StoredRequest; candidates: Awaited<ReturnType<typeof candidatesOf>> };

/** The only one that can be meant, where there is only one. */
const settled = ({ candidates }: Shown) => (candidates.length === 1 ? candidates[0] : undefined);

export const browserOf = (context: Context) => ({
  binding: context.browserBinding,
  sessionId: viewerIn(context).sessionId,
});

const AuthorizationRequest = builder.objectRef<Shown>('AuthorizationRequest').implement({
  description: 'What a client asks for, to be allowed or denied by the viewer.',
  fields: (t) => ({
    id: t.string({ description: "The id in the consent page's address.", resolve: ({ request }) => request.handle }),
    status: t.field({
      type: AuthorizationRequestStatus,
      description: 'Whether it can still be decided, and else why not.',
      resolve: ({ request }, _args, { clock }) => statusOf(request, clock()),
    }),
    client: t.prismaField({
      type: 'OAuthClient',
      description: 'Who asks.',
      resolve: (query, { request }, _args, { database }) =>
        database.db.oAuthClient.findUniqueOrThrow({ ...query, where: { id: request.oauthClientId } }),
    }),
    redirectUri: t.string({
      description: 'The exact redirect URI that the answer goes to.',
      resolve: ({ request }) => request.redirectUri,
    }),
    redirectUriIsLoopback: t.boolean({
      description: "Whether the answer goes to a program on the person's own machine, which nobody verified.",
      resolve: ({ request }) => isLocalRedirect(request.redirectUri),
    }),
    scopes: t.stringList({
      description: 'What is asked for, in the words of OAuth.',
      resolve: ({ request }) => request.scopes,
    }),
    connection: t.prismaField({
      type: 'Connection',
      nullable: true,
      description:
        'Null while the person still has to pick one, see candidateConnections; with none to pick, they may use none that the client could mean.',
      resolve: (query, shown, _args, { database }) => {
        const id = settled(shown)?.id;
        return id === undefined ? null : database.db.connection.findUnique({ ...query, where: { id } });
      },
    }),
    candidateConnections: t.prismaField({
      type: ['Connection'],
      description: 'What may be picked when the client named no resource; empty when the connection is settled.',
      resolve: (query, shown, _args, { database }) =>
        settled(shown)
          ? []
          : database.db.connection.findMany({
              ...query,
              where: { id: { in: shown.candidates.map(({ id }) => id) } },
              orderBy: [{ name: 'asc' }, { id: 'asc' }],
            }),
    }),
    owner: t.field({
      type: Owner,
      nullable: true,
      description: 'On whose behalf. Null while no connection is picked.',
      resolve: (shown, _args, context) => {
        const connection = settled(shown);
        if (!connection) return null;
        const { ownerOrganizationId } = connection;
        return ownerOrganizationId === null
          ? context.database.db.user.findUnique({ where: { id: viewerIn(context).userId } })
          : context.database.db.organization.findUnique({ where: { id: ownerOrganizationId } });
      },
    }),
    signInRequired: t.boolean({
      description: 'True when the client asked for a new sign-in, and the viewer has not signed in since.',
      resolve: ({ request }, _args, context) =>
        needsFreshSignIn(context.database, request, browserOf(context).sessionId),
    }),
    clientKnown: t.boolean({
      description: 'True when this client has an active grant of the viewer already.',
      resolve: async ({ request }, _args, context) =>
        (await context.database.db.oAuthGrant.findFirst({
          where: { oauthClientId: request.oauthClientId, userId: viewerIn(context).userId, status: 'active' },
          select: { id: true },
        })) !== null,
    }),
    previousGrant: t.prismaField({
      type: 'OAuthGrant',
      nullable: true,
      description:
        'What the viewer allowed this client last, whether it stands or has ended: tells a first time, a return, and a wider wish. Null at the first time.',
      resolve: (query, { request }, _args, context) =>
        context.database.db.oAuthGrant.findFirst({
          ...query,
          where: { oauthClientId: request.oauthClientId, userId: viewerIn(context).userId, activatedAt: { not: null } },
          orderBy: [{ approvedAt: 'desc' }, { id: 'desc' }],
        }),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when it can be decided.',
      resolve: ({ request }) => request.expiresAt,
    }),
  }),
});

builder.queryField('authorizationRequest', (t) =>
  t.field({
    type: AuthorizationRequest,
    nullable: true,
    description: 'What the consent page shows. Null when unknown, or started in another browser.',
    args: { id: t.arg.string({ required: true, description: "What the consent page's address carries." }) },
    ...noKey,
    resolve: async (_root, { id }, context) => {
      const request = await showRequest(context.database, id, browserOf(context));
      if (!request) return null;
      return { request, candidates: await candidatesOf(context.database, request, viewerIn(context).userId) };
    },
  }),
);
