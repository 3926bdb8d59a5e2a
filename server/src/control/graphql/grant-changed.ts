/** That a grant or one of its sign-ins began, changed or ended, as it happens. */
import { ownGrants } from '../../core/grants/caller.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { follow } from './follow.ts';
import { needs } from './needs.ts';
import { OWNER } from './owner.ts';

type Change = { kind: string; grantId: string | null };

const GrantChange = builder.objectRef<Change>('GrantChange').implement({
  description: 'What happened to a grant.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description: 'The kind of the event, such as `grant.revoked` or `family.started`.',
    }),
    grant: t.prismaField({
      type: 'OAuthGrant',
      nullable: true,
      description: "As it is now. Null where it is another person's, whose organization the viewer manages.",
      resolve: (query, { grantId }, _args, context) =>
        grantId === null
          ? null
          : context.database.db.oAuthGrant.findUnique({
              ...query,
              where: { id: grantId, ...ownGrants(viewerIn(context)) },
            }),
    }),
  }),
});

/** The events that change what a list of grants shows. */
const CHANGES = /^(grant|family|refresh)\./;

builder.subscriptionField('grantChanged', (t) =>
  t.field({
    type: GrantChange,
    ...needs('grants:read'),
    description: 'Each change of a grant of the owner, and of its sign-ins, by whichever process.',
    args: { owner: t.arg(OWNER) },
    subscribe: (_root, args, context) =>
      follow(context, args, ({ kind, grantId }) => grantId !== null && CHANGES.test(kind)),
    resolve: (change) => change,
  }),
);
