/** One sign-in of a client under a grant, and its end. */
import { ownGrants } from '../../core/grants/caller.ts';
import { revokeFamilies } from '../../core/grants/revoke.ts';
import { transact } from '../../platform/transact.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { NotFoundError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { needs } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

export const TokenFamily = builder.prismaObject('TokenFamily', {
  description: 'One sign-in of a client under a grant: one laptop, one process.',
  fields: (t) => ({
    id: t.id({ select: { id: true }, resolve: ({ id }) => encodeGlobalId('TokenFamily', id) }),
    label: t.exposeString('label', { description: 'What tells it from the others, for people.' }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'As the client sent it when it signed in. Null when it sent none.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it signed in.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null until the first MCP request.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'Null while live.' }),
    revocationReason: t.exposeString('revocationReason', { nullable: true, description: 'Null while live.' }),
  }),
});

builder.relayMutationField(
  'familyRevoke',
  {
    description: 'Which sign-in to end.',
    inputFields: (t) => ({ familyId: t.id({ required: true, description: 'The id of the TokenFamily.' }) }),
  },
  {
    description: 'Ends one sign-in of a client, now, open streams included. The other sign-ins and the grant stay.',
    errors: { types: [NotFoundError] },
    ...needs('grants:revoke'),
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      const { userId } = viewer;
      const familyId = rowIdOf('TokenFamily', input.familyId);
      if (familyId === null) throw new NotFoundError();
      const ended = await transact(context.database, async (tx) => {
        const family = await tx.tokenFamily.findFirst({
          where: { id: familyId, grant: ownGrants(viewer) },
          select: { grantId: true },
        });
        if (!family) return null;
        const { grantId } = family;
        return {
          grantId,
          ...(await revokeFamilies(
            tx,
            { grantId, familyIds: [familyId] },
            'user_revoked',
            { userId },
            context.clock(),
          )),
        };
      });
      if (!ended) throw new NotFoundError();
      return { grantId: ended.grantId, receipt: settle(context, ended) };
    },
  },
  {
    description: 'The grant of the sign-in, and what ended.',
    outputFields: (t) => ({
      grant: t.prismaField({
        type: 'OAuthGrant',
        description: 'The one that it was under, with what is left of it.',
        resolve: (query, { grantId }, _args, { database }) =>
          database.db.oAuthGrant.findUniqueOrThrow({ ...query, where: { id: grantId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
