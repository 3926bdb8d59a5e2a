/** Erasing an account (GDPR Art. 17). For the admins of the gateway. */
import { eraseUser } from '../../core/people/erase.ts';
import { builder } from './builder.ts';
import { adminIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { encodeGlobalId } from './global-id.ts';
import { needs } from './needs.ts';
import { throwAdmin, userIdOf } from './person-block.ts';
import { RECEIPT, settle } from './receipt.ts';

builder.relayMutationField(
  'userErase',
  {
    description: 'Whom to erase.',
    inputFields: (t) => ({ userId: t.id({ required: true, description: 'The id of the User or Person.' }) }),
  },
  {
    description:
      'Erases an account for good: what names the person is gone, and all that was theirs ends. What happened stays recorded without them. Again: changes nothing.',
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const actor = { actorUserId: adminIn(context).userId };
      const userId = userIdOf(input.userId);
      const erased = await eraseUser(context.database, { userId, ...actor }, context.clock());
      return erased.ok ? { userId, receipt: settle(context, erased.value) } : throwAdmin(erased.reason);
    },
  },
  {
    description: 'Who is gone, and what ended.',
    outputFields: (t) => ({
      userId: t.id({ description: 'The id that was given.', resolve: ({ userId }) => encodeGlobalId('User', userId) }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
