/** Taking everything back from one client. */
import { ownGrants } from '../../core/grants/caller.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import { transact } from '../../platform/transact.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { NotFoundError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

const MAX_GRANTS = 100;

builder.relayMutationField(
  'clientRevoke',
  {
    description: 'Which client to take everything back from.',
    inputFields: (t) => ({
      clientId: t.id({ required: true, description: 'The id of the Client, not its OAuth client ID.' }),
    }),
  },
  {
    description: "Takes back all the viewer's grants of one client. Other people's stay.",
    errors: { types: [NotFoundError] },
    ...needs('grants:revoke'),
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      const { userId, onlyIn } = viewer;
      const clientId = rowIdOf('Client', input.clientId);
      if (clientId === null) throw new NotFoundError();
      const which = { oauthClientId: clientId, userIds: [userId], ...(onlyIn ? { organizationId: onlyIn } : {}) };
      const revocation = await transact(context.database, async (tx) => {
        const known = await tx.oAuthGrant.findFirst({
          where: { oauthClientId: clientId, ...ownGrants(viewer) },
          select: { id: true },
        });
        return known && revokeGrants(tx, which, 'user_revoked', { userId }, context.clock());
      });
      if (!revocation) throw new NotFoundError();
      return { clientId, viewer, receipt: settle(context, revocation) };
    },
  },
  {
    description: "The viewer's grants of the client as they are now, and what ended.",
    outputFields: (t) => ({
      grants: t.prismaField({
        type: ['OAuthGrant'],
        description: `Newest first; at most ${MAX_GRANTS}.`,
        resolve: (query, { clientId, viewer }, _args, { database }) =>
          database.db.oAuthGrant.findMany({
            ...query,
            where: { oauthClientId: clientId, ...ownGrants(viewer) },
            orderBy: [{ approvedAt: 'desc' }, { id: 'desc' }],
            take: MAX_GRANTS,
          }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
