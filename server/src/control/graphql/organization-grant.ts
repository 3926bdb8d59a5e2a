/** What an organization's owners and admins see of the grants of its members: that they exist, whose they are, and how to end them. */
import type { Prisma } from '@grantway/prisma/client';
import { executionContextOf } from '../../core/grants/grant.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import { isManager, lockOrganization } from '../../core/people/authority.ts';
import { transact } from '../../platform/transact.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { NotFoundError } from './error.ts';
import { encodeGlobalId, rowIdOf } from './global-id.ts';
import { GrantStatus } from './grant.ts';
import { needs } from './needs.ts';
import { roleIn } from './organization.ts';
import { containing, pageComplexity, pageFrom, SEARCH } from './page.ts';
import { RECEIPT, settle } from './receipt.ts';

const OrganizationGrant = builder.prismaObject('OAuthGrant', {
  variant: 'OrganizationGrant',
  description:
    "A member's grant for a connection of the organization, as its owners and admins see it: no callback, no sign-ins.",
  fields: (t) => ({
    id: t.id({ select: { id: true }, resolve: ({ id }) => encodeGlobalId('OrganizationGrant', id) }),
    user: t.relation('user', { description: 'Whose it is.' }),
    client: t.relation('client', { description: 'Who may act.' }),
    connection: t.relation('connection', { description: 'What may be reached.' }),
    status: t.expose('status', { type: GrantStatus, description: 'Whether it holds.' }),
    approvedAt: t.expose('approvedAt', { type: 'DateTime', description: 'When the person allowed it.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null until the first MCP request.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null when it lasts until revoked.',
    }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'Null while not revoked.' }),
    revocationReason: t.exposeString('revocationReason', { nullable: true, description: 'Null while not revoked.' }),
  }),
});

builder.prismaObjectField('Organization', 'grants', (t) =>
  t.prismaConnection(
    {
      type: OrganizationGrant,
      cursor: 'id',
      complexity: pageComplexity,
      ...needs('grants:read'),
      description:
        'The grants of all its members, newest first, for owners and admins; else none. `search` looks into the names of people, clients and connections.',
      args: {
        status: t.arg({ type: GrantStatus, defaultValue: 'active', description: 'Null: all of them.' }),
        search: t.arg.string(SEARCH),
      },
      resolve: async (query, { id: organizationId }, { status, search }, context) => {
        if (!isManager(await roleIn(context, organizationId))) return [];
        const text = containing(search);
        const where: Prisma.OAuthGrantWhereInput = {
          executionContext: executionContextOf({ ownerOrganizationId: organizationId }),
          ...(status ? { status } : {}),
          ...(text
            ? {
                OR: [
                  { client: { name: text } },
                  { connection: { name: text } },
                  { user: { name: text } },
                  { user: { email: text } },
                ],
              }
            : {}),
        };
        const { db } = context.database;
        const isListed = (id: string) =>
          db.oAuthGrant.findFirst({ where: { AND: [where, { id }] }, select: { id: true } });
        return db.oAuthGrant.findMany({
          ...(await pageFrom(query, isListed)),
          where,
          orderBy: [{ approvedAt: 'desc' }, { id: 'desc' }],
        });
      },
    },
    { name: 'OrganizationGrantPage', description: "A page of members' grants." },
    { name: 'OrganizationGrantPageEdge', description: "A member's grant in its page." },
  ),
);

builder.relayMutationField(
  'organizationGrantRevoke',
  {
    description: "Which member's grant to end.",
    inputFields: (t) => ({
      organizationGrantId: t.id({ required: true, description: 'The id of the OrganizationGrant.' }),
    }),
  },
  {
    description:
      "Ends a member's grant for a connection of the organization, now. For owners and admins. Again: changes nothing.",
    errors: { types: [NotFoundError] },
    ...needs('grants:revoke'),
    resolve: async (_root, { input }, context) => {
      const { userId, onlyIn } = viewerIn(context);
      const grantId = rowIdOf('OrganizationGrant', input.organizationGrantId);
      const revocation =
        grantId === null
          ? null
          : await transact(context.database, async (tx) => {
              const grant = await tx.oAuthGrant.findUnique({
                where: { id: grantId },
                select: { connection: { select: { ownerOrganizationId: true } } },
              });
              const organizationId = grant?.connection.ownerOrganizationId;
              if (!organizationId || (onlyIn && onlyIn !== organizationId)) return null;
              if (!isManager(await lockOrganization(tx, organizationId, userId))) return null;
              return revokeGrants(tx, { grantIds: [grantId] }, 'organization_revoked', { userId }, context.clock());
            });
      if (grantId === null || !revocation) throw new NotFoundError();
      return { grantId, receipt: settle(context, revocation) };
    },
  },
  {
    description: 'The grant as it is now, and what ended with it.',
    outputFields: (t) => ({
      organizationGrant: t.prismaField({
        type: OrganizationGrant,
        description: 'As it is now.',
        resolve: (query, { grantId }, _args, { database }) =>
          database.db.oAuthGrant.findUniqueOrThrow({ ...query, where: { id: grantId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
