/** Making, renaming and deleting organizations. */
import {
  createOrganization,
  deleteOrganization,
  type OrganizationRefusal,
  renameOrganization,
} from '../../core/people/organization.ts';
import { builder } from './builder.ts';
import { type Context, viewerIn } from './context.ts';
import { NotAllowedError, NotFoundError, ValidationError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { needs } from './needs.ts';
import { Organization } from './organization.ts';
import { RECEIPT, settle } from './receipt.ts';

/** The organization that an input names, as far as the caller reaches. Whether they are in it is for the act to say. @throws NotFoundError */
export function organizationIdOf(context: Context, input: { organizationId: string }): string {
  const { onlyIn } = viewerIn(context);
  const id = rowIdOf('Organization', input.organizationId);
  if (id === null || (onlyIn && onlyIn !== id)) throw new NotFoundError();
  return id;
}

function throwRefusal(refusal: OrganizationRefusal): never {
  if (refusal === 'not_found') throw new NotFoundError();
  if (refusal === 'not_allowed') throw new NotAllowedError();
  throw new ValidationError(refusal.field, refusal.message);
}

builder.relayMutationField(
  'organizationCreate',
  {
    description: 'What it is called.',
    inputFields: (t) => ({
      name: t.string({ required: true, description: 'One line of at most 80 characters.' }),
    }),
  },
  {
    description: 'Makes an organization. The viewer is its owner.',
    errors: { types: [NotAllowedError, ValidationError] },
    ...needs('organizations:write'),
    resolve: async (_root, { input }, context) => {
      const { userId, onlyIn } = viewerIn(context);
      if (onlyIn) throw new NotAllowedError("An organization's API key makes no others.");
      const created = await createOrganization(context.database, { ...input, actorUserId: userId }, context.clock());
      return created.ok ? created.value : throwRefusal(created.reason);
    },
  },
  {
    description: 'The organization that was made.',
    outputFields: (t) => ({
      organization: t.prismaField({
        type: Organization,
        description: 'The viewer owns it.',
        resolve: (query, { organizationId }, _args, { database }) =>
          database.db.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'organizationRename',
  {
    description: 'Which organization, and what it is called from now on.',
    inputFields: (t) => ({
      organizationId: t.id({ required: true, description: 'One that the viewer runs.' }),
      name: t.string({ required: true, description: 'One line of at most 80 characters.' }),
    }),
  },
  {
    description: 'Gives an organization another name. For owners and admins. No grant ends.',
    errors: { types: [NotFoundError, NotAllowedError, ValidationError] },
    ...needs('organizations:write'),
    resolve: async (_root, { input }, context) => {
      const organizationId = organizationIdOf(context, input);
      const which = { organizationId, name: input.name, actorUserId: viewerIn(context).userId };
      const renamed = await renameOrganization(context.database, which, context.clock());
      return renamed.ok ? renamed.value : throwRefusal(renamed.reason);
    },
  },
  {
    description: 'The organization as it is now.',
    outputFields: (t) => ({
      organization: t.prismaField({
        type: Organization,
        description: 'As it is now.',
        resolve: (query, { organizationId }, _args, { database }) =>
          database.db.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'organizationDelete',
  {
    description: 'Which organization to delete.',
    inputFields: (t) => ({ organizationId: t.id({ required: true, description: 'One that the viewer owns.' }) }),
  },
  {
    description:
      'Deletes an organization with its connections: every grant in it ends. For owners. It cannot be undone.',
    errors: { types: [NotFoundError, NotAllowedError] },
    ...needs('organizations:write'),
    resolve: async (_root, { input }, context) => {
      const organizationId = organizationIdOf(context, input);
      const which = { organizationId, actorUserId: viewerIn(context).userId };
      const deleted = await deleteOrganization(context.database, which, context.clock());
      return deleted.ok ? { organizationId, receipt: settle(context, deleted.value) } : throwRefusal(deleted.reason);
    },
  },
  {
    description: 'Which organization is gone, and what ended with it.',
    outputFields: (t) => ({
      organizationId: t.id({
        description: 'The id that was given.',
        resolve: ({ organizationId }) => encodeGlobalId('Organization', organizationId),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
