/** Where no mail can be sent, an administrator hands over the link to a new password. */
import { ONE_TIME_SECONDS } from '../../core/people/one-time-token.ts';
import { makeResetLink } from '../../core/people/password.ts';
import { after } from '../../platform/clock.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { noKey } from './needs.ts';

builder.relayMutationField(
  'userPasswordResetLink',
  {
    description: 'Whose password is to be set anew.',
    inputFields: (t) => ({ userId: t.id({ required: true, description: 'The id of the User or Person.' }) }),
  },
  {
    description:
      'Makes a link with which a person chooses a new password, for an administrator to hand over. It is shown this once, and works once.',
    errors: { types: [NotFoundError, ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { userId: actorUserId, role } = viewerIn(context);
      const userId = rowIdOf('User', input.userId);
      if (role !== 'admin' || userId === null) throw new NotFoundError();
      const now = context.clock();
      const made = await makeResetLink(context.database, { userId, actorUserId }, now);
      if (made.ok)
        return { url: `${context.base}/reset-password#token=${made.value}`, expiresAt: after(now, ONE_TIME_SECONDS) };
      if (made.reason === 'not_found') throw new NotFoundError();
      throw new ValidationError('userId', 'This person has no password here, or is blocked.');
    },
  },
  {
    description: 'The link, and until when it works.',
    outputFields: (t) => ({
      url: t.exposeString('url', {
        description: 'It is as good as the password: hand it over where nobody reads along.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'After that it opens nothing.' }),
    }),
  },
);
