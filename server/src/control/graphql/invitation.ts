/** Invitations to an organization. */

import { isManager } from '../../core/people/authority.ts';
import { normalEmail } from '../../core/people/email-address.ts';
import {
  acceptInvitation,
  findInvitation,
  invite,
  type OpenInvitation,
  revokeInvitation,
} from '../../core/people/invite.ts';
import { hashSecret } from '../../platform/secret.ts';
import { builder } from './builder.ts';
import { type Context, viewerIn } from './context.ts';
import { NotAllowedError, NotFoundError, ValidationError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { MembershipRole } from './membership-role.ts';
import { needs, noKey } from './needs.ts';
import { Organization, roleIn } from './organization.ts';
import { organizationIdOf } from './organization-change.ts';

const Invitation = builder.prismaObject('Invitation', {
  description: 'An open invitation of an e-mail address. Its link was shown or sent once.',
  fields: (t) => ({
    id: t.id({ select: { id: true }, resolve: ({ id }) => encodeGlobalId('Invitation', id) }),
    email: t.exposeString('email', { description: 'Who is invited.' }),
    role: t.expose('role', { type: MembershipRole, description: 'What they will be.' }),
    invitedBy: t.relation('invitedBy', { nullable: true, description: 'Null when that account is gone.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when its link works.' }),
  }),
});

builder.prismaObjectField('Organization', 'invitations', (t) =>
  t.prismaField({
    type: [Invitation],
    description: 'Those that are open, newest first, for owners and admins; else none.',
    ...needs('people:read'),
    resolve: async (query, { id }, _args, context) =>
      isManager(await roleIn(context, id))
        ? context.database.db.invitation.findMany({
            ...query,
            where: { organizationId: id, acceptedAt: null, revokedAt: null, expiresAt: { gt: context.clock() } },
            orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          })
        : [],
  }),
);

const InvitationOffer = builder.objectRef<OpenInvitation>('InvitationOffer').implement({
  description: 'What somebody who holds the link of an invitation may know of it.',
  fields: (t) => ({
    organizationName: t.string({ description: 'Into which one.', resolve: ({ organization }) => organization.name }),
    inviterName: t.string({
      nullable: true,
      description: 'Null when that account is gone.',
      resolve: ({ invitedBy }) => invitedBy?.name ?? null,
    }),
    email: t.exposeString('email', { description: 'The address that the account must have.' }),
    role: t.expose('role', { type: MembershipRole, description: 'What they will be.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when its link works.' }),
  }),
});

builder.queryField('invitation', (t) =>
  t.field({
    type: InvitationOffer,
    nullable: true,
    skipTypeScopes: true,
    ...noKey,
    description:
      'What the link of an invitation offers, also to somebody without an account. Null when it is no longer good.',
    args: { key: t.arg.string({ required: true, description: 'What the link carries behind its #.' }) },
    resolve: (_root, { key }, { database, clock }) => findInvitation(database, key, clock()),
  }),
);

/** The host is from the settings, never from the request (#256). In the fragment it reaches no server and no Referer. */
const linkOf = ({ base }: Context, token: string): string => `${base}/invitation#${token}`;

builder.relayMutationField(
  'memberInvite',
  {
    description: 'Who is invited, and as what.',
    inputFields: (t) => ({
      organizationId: t.id({ required: true, description: 'One that the viewer runs.' }),
      email: t.string({ required: true, description: 'Where the person is reached; their account must have it.' }),
      role: t.field({ type: MembershipRole, required: true, description: 'What they are to be.' }),
    }),
  },
  {
    description:
      'Invites an e-mail address. The link is mailed, or shown where the gateway sends no mail. It is good once, for a week.',
    errors: { types: [NotFoundError, NotAllowedError, ValidationError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const { database, clock, mailer } = context;
      const viewer = viewerIn(context);
      const organizationId = organizationIdOf(context, input);
      const { email, role } = input;
      if (mailer) await takeMail(context, email);
      const invited = await invite(database, { organizationId, email, role, actorUserId: viewer.userId }, clock());
      if (!invited.ok) {
        if (invited.reason === 'not_found') throw new NotFoundError();
        if (invited.reason === 'not_allowed') throw new NotAllowedError();
        throw new ValidationError(invited.reason.field, invited.reason.message);
      }
      const { token, invitationId } = invited.value;
      const link = linkOf(context, token);
      const { name } = await database.db.organization.findUniqueOrThrow({ where: { id: organizationId } });
      mailer?.post({ to: invited.value.email, ...invitationMail(viewer.name, name, link) });
      return { organizationId, invitationId, link: mailer ? null : link };
    },
  },
  {
    description: 'The invitation.',
    outputFields: (t) => ({
      organization: t.prismaField({
        type: Organization,
        description: 'With the invitation among its open ones.',
        resolve: (query, { organizationId }, _args, { database }) =>
          database.db.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
      invitation: t.prismaField({
        type: Invitation,
        description: 'What was made.',
        resolve: (query, { invitationId }, _args, { database }) =>
          database.db.invitation.findUniqueOrThrow({ ...query, where: { id: invitationId } }),
      }),
      link: t.exposeString('link', { nullable: true, description: 'To be handed over; null when it was mailed.' }),
    }),
  },
);

/** Mails in our name go to whomever a person names, so they are counted, whoever has the address. @throws ValidationError */
async function takeMail(context: Context, email: string): Promise<void> {
  const { bySender, byAddress } = context.invitationMails;
  const sender = await bySender.take(viewerIn(context).userId);
  const room = sender.allowed ? await byAddress.take(hashSecret(normalEmail(email))) : sender;
  if (room.allowed) return;
  const minutes = Math.ceil(room.retryAfter / 60);
  throw new ValidationError('email', `Enough invitations were mailed for now. Try again in ${minutes} min.`);
}

const invitationMail = (inviter: string, organization: string, link: string) => ({
  subject: `Join ${organization} on Grantway`,
  text: `${inviter} invites you to the organization ${organization} on Grantway.\n\nOpen this link within a week to join. It works once, for this address:\n\n${link}\n\nIf you do not know what this is about, do nothing.\n`,
});

builder.relayMutationField(
  'invitationRevoke',
  {
    description: 'Which invitation to withdraw.',
    inputFields: (t) => ({ invitationId: t.id({ required: true, description: 'The id of the Invitation.' }) }),
  },
  {
    description: 'Withdraws an invitation: its link stops working. Again: changes nothing.',
    errors: { types: [NotFoundError, NotAllowedError] },
    ...needs('people:write'),
    resolve: async (_root, { input }, context) => {
      const { userId, onlyIn } = viewerIn(context);
      const id = rowIdOf('Invitation', input.invitationId);
      const { db } = context.database;
      const invitation = id === null ? null : await db.invitation.findUnique({ where: { id } });
      if (!invitation || (onlyIn && onlyIn !== invitation.organizationId)) throw new NotFoundError();
      const { organizationId } = invitation;
      const which = { organizationId, invitationId: invitation.id, actorUserId: userId };
      const revoked = await revokeInvitation(context.database, which, context.clock());
      if (revoked.ok) return { organizationId };
      throw revoked.reason === 'not_found' ? new NotFoundError() : new NotAllowedError();
    },
  },
  {
    description: 'The organization with the invitations that are left.',
    outputFields: (t) => ({
      organization: t.prismaField({
        type: Organization,
        description: 'The one that it was for.',
        resolve: (query, { organizationId }, _args, { database }) =>
          database.db.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'invitationAccept',
  {
    description: 'Which invitation to accept.',
    inputFields: (t) => ({ key: t.string({ required: true, description: 'What the link carries behind its #.' }) }),
  },
  {
    description: 'Joins the organization of an invitation. The account must have the address that was invited.',
    errors: { types: [NotFoundError, ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const joining = { token: input.key, userId: viewerIn(context).userId };
      const joined = await acceptInvitation(context.database, joining, context.clock());
      if (joined.ok) return joined.value;
      if (joined.reason === 'not_found') throw new NotFoundError();
      throw new ValidationError(
        'key',
        'This invitation is for another e-mail address. Sign in with the account that has it.',
      );
    },
  },
  {
    description: 'The organization that was joined.',
    outputFields: (t) => ({
      organization: t.prismaField({
        type: Organization,
        description: 'The viewer is in it now.',
        resolve: (query, { organizationId }, _args, { database }) =>
          database.db.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
    }),
  },
);
