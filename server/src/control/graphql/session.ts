/** The viewer's own browser sessions, and their end. */
import type { Session as Row } from '@grantway/prisma/client';
import { endSessions, sessionsOf } from '../../core/people/session.ts';
import { builder } from './builder.ts';
import { unauthenticated, viewerIn } from './context.ts';
import { NotFoundError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { noKey } from './needs.ts';
import { ViewerType } from './viewer.ts';

const Session = builder.objectRef<Row>('Session').implement({
  description: 'A browser in which the viewer is signed in.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalId('Session', id) }),
    isCurrent: t.boolean({
      description: 'Whether it is the one that asks.',
      resolve: ({ id }, _args, context) => viewerIn(context).sessionId === id,
    }),
    startedAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person signed in.' }),
    lastSeenAt: t.expose('updatedAt', { type: 'DateTime', description: 'To within ten minutes.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends by itself.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'Null when the browser named none.' }),
    address: t.exposeString('ipAddress', {
      nullable: true,
      description: 'The network address at sign-in. Null when it is not known.',
    }),
  }),
});

const SignInMethod = builder.enumType('SignInMethod', {
  description: 'How a person can sign in.',
  values: {
    PASSWORD: { value: 'credential', description: 'With email and password.' },
    SINGLE_SIGN_ON: { value: 'oidc', description: 'At the sign-on provider of this gateway.' },
  } as const,
});

builder.objectFields(ViewerType, (t) => ({
  sessions: t.field({
    type: [Session],
    ...noKey,
    description: 'The last seen first; at most 100.',
    resolve: ({ userId }, _args, { database, clock }) => sessionsOf(database, userId, clock()),
  }),
  signInMethods: t.field({
    type: [SignInMethod],
    ...noKey,
    description: 'Which of them work for this account.',
    resolve: async ({ userId }, _args, { database }) => {
      const accounts = await database.db.account.findMany({ where: { userId }, select: { providerId: true } });
      return (['credential', 'oidc'] as const).filter((method) =>
        accounts.some(({ providerId }) => providerId === method),
      );
    },
  }),
  emailVerified: t.boolean({
    ...noKey,
    description:
      'Whether the address was proved to be theirs. Single sign-on is connected with no account before that.',
    resolve: async ({ userId }, _args, { database }) =>
      (await database.db.user.findUniqueOrThrow({ where: { id: userId }, select: { emailVerified: true } }))
        .emailVerified,
  }),
}));

builder.relayMutationField(
  'sessionEnd',
  {
    description: 'Which session to end.',
    inputFields: (t) => ({ sessionId: t.id({ description: 'Absent: all but the one that asks.' }) }),
  },
  {
    description: 'Ends sessions of the viewer, now, in every process. Ending what has ended changes nothing.',
    errors: { types: [NotFoundError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      if (viewer.sessionId === null) throw unauthenticated();
      const { database, clock } = context;
      const { userId, sessionId: keep } = viewer;
      if (input.sessionId === null || input.sessionId === undefined)
        return { viewer, count: await endSessions(database, { userId, keep }, clock()) };
      const sessionId = rowIdOf('Session', input.sessionId);
      // One that is gone and another's are the same: neither is there.
      const count = sessionId === null ? 0 : await endSessions(database, { userId, sessionId }, clock());
      if (count === 0) throw new NotFoundError();
      return { viewer, count };
    },
  },
  {
    description: 'How many ended, and what is left.',
    outputFields: (t) => ({
      ended: t.exposeInt('count', { description: 'How many that were live.' }),
      sessions: t.field({
        type: [Session],
        description: 'The last seen first; at most 100.',
        resolve: ({ viewer }, _args, { database, clock }) => sessionsOf(database, viewer.userId, clock()),
      }),
    }),
  },
);
