/** Taking several grants back at once. */
import { ownGrants } from '../../core/grants/caller.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import { transact } from '../../platform/transact.ts';
import { builder } from './builder.ts';
import { badInput, viewerIn } from './context.ts';
import { NotFoundError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

const MAX_GRANTS = 100;

builder.relayMutationField(
  'grantsRevoke',
  {
    description: `Which grants to take back; at most ${MAX_GRANTS}.`,
    inputFields: (t) => ({ grantIds: t.idList({ required: true, description: 'From 1 to 100 of the viewer’s.' }) }),
  },
  {
    description: 'Takes several grants back, now, all or none: one that is not the viewer’s refuses the whole.',
    errors: { types: [NotFoundError] },
    ...needs('grants:revoke'),
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      const { userId } = viewer;
      if (input.grantIds.length === 0 || input.grantIds.length > MAX_GRANTS)
        throw badInput(`grantIds names between 1 and ${MAX_GRANTS} grants.`);
      const ids = [...new Set(input.grantIds.map((id) => rowIdOf('Grant', id)))];
      const grantIds = ids.filter((id) => id !== null);
      const revocation = await transact(context.database, async (tx) => {
        const own = await tx.oAuthGrant.count({ where: { id: { in: grantIds }, ...ownGrants(viewer) } });
        if (own !== ids.length) return null;
        return revokeGrants(tx, { grantIds, userIds: [userId] }, 'user_revoked', { userId }, context.clock());
      });
      if (!revocation) throw new NotFoundError();
      return { grantIds, receipt: settle(context, revocation) };
    },
  },
  {
    description: 'The grants as they are now, and what ended with them.',
    outputFields: (t) => ({
      grants: t.prismaField({
        type: ['OAuthGrant'],
        description: 'As they are now, by id.',
        resolve: (query, { grantIds }, _args, { database }) =>
          database.db.oAuthGrant.findMany({ ...query, where: { id: { in: grantIds } }, orderBy: { id: 'asc' } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
