/** Blocking accounts, and letting them in again. For the admins of the gateway. */
import type { AdminRefusal } from '../../core/people/administrator.ts';
import { setUserRole } from '../../core/people/administrator.ts';
import { blockUsers, unblockUser } from '../../core/people/block.ts';
import { builder } from './builder.ts';
import { adminIn, adminsOnly, badInput } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { needs, noKey } from './needs.ts';
import { Person } from './person-page.ts';
import { RECEIPT, settle } from './receipt.ts';
import { UserRole } from './user.ts';

const MAX_USERS = 100;
const MAX_REASON = 200;

/** @throws NotFoundError for an id that can name nobody */
export function userIdOf(globalId: string): string {
  const id = rowIdOf('User', globalId);
  if (id === null) throw new NotFoundError();
  return id;
}

export function throwAdmin(refusal: AdminRefusal): never {
  if (refusal === 'not_found') throw new NotFoundError();
  if (refusal === 'oneself')
    throw new ValidationError(null, 'You cannot do this to your own account: another administrator can.');
  // Only somebody who ceased to be an admin a moment ago.
  throw adminsOnly();
}

builder.relayMutationField(
  'userBlock',
  {
    description: 'Whom to block and why: named accounts, or all with an e-mail address of one domain.',
    inputFields: (t) => ({
      userIds: t.idList({ description: `At most ${MAX_USERS}.` }),
      emailDomain: t.string({ description: 'Such as example.com. Whoever asks is left out.' }),
      reason: t.string({ required: true, description: 'For administrators to read.' }),
    }),
  },
  {
    description:
      'Blocks accounts, all or none: their sessions, API keys and grants end, now. Accounts made later are not blocked.',
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const actor = { actorUserId: adminIn(context).userId };
      const reason = input.reason.trim();
      if (reason === '' || reason.length > MAX_REASON)
        throw new ValidationError('reason', `Say why, in at most ${MAX_REASON} characters.`);
      const blocked = await blockUsers(context.database, { ...whichOf(input), reason, ...actor }, context.clock());
      return blocked.ok
        ? { ids: blocked.value.blocked, receipt: settle(context, blocked.value) }
        : throwAdmin(blocked.reason);
    },
  },
  {
    description: 'Who is blocked now and was not before, and what ended.',
    outputFields: (t) => ({
      people: t.prismaField({
        type: [Person],
        description: `By name; at most ${MAX_USERS}.`,
        resolve: (query, { ids }, _args, { database }) =>
          database.db.user.findMany({
            ...query,
            where: { id: { in: ids } },
            orderBy: [{ name: 'asc' }, { id: 'asc' }],
            take: MAX_USERS,
          }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);

function whichOf({ userIds, emailDomain }: { userIds?: readonly string[] | null; emailDomain?: string | null }) {
  if (userIds && !emailDomain) {
    if (userIds.length === 0 || userIds.length > MAX_USERS) throw badInput(`userIds names between 1 and ${MAX_USERS}.`);
    return { userIds: userIds.map(userIdOf) };
  }
  const domain = (emailDomain ?? '').trim().replace(/^@/, '');
  if (userIds || !/^[^\s@]+\.[^\s@]+$/.test(domain))
    throw new ValidationError('emailDomain', 'Name accounts, or one domain such as example.com.');
  return { emailDomain: domain };
}

builder.relayMutationField(
  'userUnblock',
  {
    description: 'Whom to let in again.',
    inputFields: (t) => ({ userId: t.id({ required: true, description: 'The id of the User or Person.' }) }),
  },
  {
    description: 'Lets an account sign in again. Grants and keys that ended stay ended. Again: changes nothing.',
    errors: { types: [NotFoundError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const actor = { actorUserId: adminIn(context).userId };
      const userId = userIdOf(input.userId);
      const unblocked = await unblockUser(context.database, { userId, ...actor }, context.clock());
      return unblocked.ok ? { userId } : throwAdmin(unblocked.reason);
    },
  },
  {
    description: 'The account as it is now.',
    outputFields: (t) => ({
      person: t.prismaField({
        type: Person,
        description: 'As they are now.',
        resolve: (query, { userId }, _args, { database }) =>
          database.db.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'userSetRole',
  {
    description: 'Who is to be an administrator of the gateway, or no longer one.',
    inputFields: (t) => ({
      userId: t.id({ required: true, description: 'The id of the User or Person.' }),
      role: t.field({ type: UserRole, required: true, description: 'What they are to be.' }),
    }),
  },
  {
    description:
      'Makes an account an administrator of the gateway, or an ordinary one again. Nobody does it to themselves, and no API key does it.',
    errors: { types: [NotFoundError, ValidationError] },
    // A key that could make its holder's friends administrators would be worth more than its scopes say.
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const actor = { actorUserId: adminIn(context).userId };
      const userId = userIdOf(input.userId);
      const set = await setUserRole(context.database, { userId, role: input.role, ...actor }, context.clock());
      return set.ok ? { userId } : throwAdmin(set.reason);
    },
  },
  {
    description: 'The account as it is now.',
    outputFields: (t) => ({
      person: t.prismaField({
        type: Person,
        description: 'As they are now.',
        resolve: (query, { userId }, _args, { database }) =>
          database.db.user.findUniqueOrThrow({ ...query, where: { id: userId } }),
      }),
    }),
  },
);
