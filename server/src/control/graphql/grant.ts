/** A grant: what a person lets a client do, and taking it back. */
import type { Connection } from '@grantway/prisma/client';
import { isKnownTo, relationTo } from '../../core/connections/manageable.ts';
import { ownGrants } from '../../core/grants/caller.ts';
import { PERSONAL } from '../../core/grants/grant.ts';
import { revokeGrants } from '../../core/grants/revoke.ts';
import { after } from '../../platform/clock.ts';
import { transact } from '../../platform/transact.ts';
import { builder } from './builder.ts';
import { badInput, viewerIn } from './context.ts';
import { NotFoundError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { McpConnection } from './mcp-connection.ts';
import { needs } from './needs.ts';
import { Owner } from './owner.ts';
import { RECEIPT, settle } from './receipt.ts';
import { DeniedAttempts, deniedSince, UsagePoint } from './usage-point.ts';

export const GrantStatus = builder.enumType('GrantStatus', {
  description: 'Where a grant stands. Revoked is final.',
  values: {
    PENDING: {
      value: 'pending',
      description: 'Allowed; the sign-in at the provider of its connection is still to come.',
    },
    ACTIVE: { value: 'active', description: 'In force.' },
    REVOKED: { value: 'revoked', description: 'Ended, by whatever.' },
  } as const,
});

const MAX_FAMILIES = 50;
const MAX_DAYS = 90;

export const Grant = builder.prismaNode('OAuthGrant', {
  name: 'Grant',
  description: "A person's durable permission for a client to use one connection.",
  ...needs('grants:read'),
  id: { field: 'id' },
  nullable: true,
  // Whatever way a grant is reached, it is the viewer's own.
  findUnique: (id, context) => ({ id, ...ownGrants(viewerIn(context)) }),
  fields: (t) => ({
    status: t.expose('status', { type: GrantStatus, description: 'Whether it holds.' }),
    client: t.relation('client', { description: 'Who may act.' }),
    connection: t.field({
      type: McpConnection,
      nullable: true,
      description:
        'Null when the viewer may no longer see it: they left its organization, or it was assigned to another.',
      // One statement for a whole page: what the viewer is to the connection comes along with it.
      select: (_args, context, selectionOf) => ({
        connection: selectionOf({ select: relationTo(viewerIn(context)) }),
      }),
      resolve: ({ connection }, _args, context) =>
        isKnownTo(viewerIn(context), connection) ? (connection as unknown as Connection) : null,
    }),
    connectionName: t.string({
      description: 'What the connection is called, whether or not the viewer may still see it.',
      select: { connection: { select: { name: true } } },
      resolve: ({ connection }) => connection.name,
    }),
    owner: t.field({
      type: Owner,
      description: 'On whose behalf the client acts.',
      select: { executionContext: true, user: true, connection: { select: { ownerOrganization: true } } },
      resolve: ({ executionContext, user, connection }) =>
        executionContext === PERSONAL ? user : (connection.ownerOrganization ?? user),
    }),
    redirectUri: t.exposeString('redirectUri', { description: 'As registered, byte for byte.' }),
    scopes: t.exposeStringList('scopes', { description: 'What was allowed, in the words of OAuth.' }),
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
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null while the grant is not revoked.',
    }),
    revocationReason: t.exposeString('revocationReason', {
      nullable: true,
      description: 'Null while the grant is not revoked.',
    }),
    deniedSince: t.field({
      type: DeniedAttempts,
      nullable: true,
      description: 'What the client still tried. Null while the grant is not revoked, and when it tried nothing.',
      select: { id: true, revokedAt: true },
      // Asked by itself, and only of those that ended: `usage` above selects other hours of the same rows.
      resolve: ({ id, revokedAt }, _args, { database }) => revokedAt && deniedSince(database, id, revokedAt),
    }),
    families: t.relation('families', {
      description: `The sign-ins of the client, live ones first; at most ${MAX_FAMILIES}.`,
      query: {
        orderBy: [{ revokedAt: { sort: 'desc', nulls: 'first' } }, { createdAt: 'desc' }, { id: 'desc' }],
        take: MAX_FAMILIES,
      },
    }),
    usage: t.field({
      type: [UsagePoint],
      description: `Requests by the hour, oldest first; hours without any are left out. At most ${MAX_DAYS} days.`,
      args: { days: t.arg.int({ defaultValue: 30, description: `How far back, from 1 to ${MAX_DAYS}.` }) },
      select: ({ days }, { clock }) => {
        const wanted = days ?? 30;
        if (wanted < 1 || wanted > MAX_DAYS) throw badInput(`days is between 1 and ${MAX_DAYS}.`);
        return {
          usage: { where: { hour: { gte: after(clock(), -wanted * 86_400) } }, orderBy: { hour: 'asc' as const } },
        };
      },
      resolve: ({ usage }) => usage,
    }),
  }),
});

builder.relayMutationField(
  'grantRevoke',
  {
    description: 'Which grant to take back.',
    inputFields: (t) => ({ grantId: t.id({ required: true, description: 'One of the viewer’s.' }) }),
  },
  {
    description:
      'Takes a grant back, now: its next request is refused, its open streams are cut. Revoking it again changes nothing.',
    errors: { types: [NotFoundError] },
    ...needs('grants:revoke'),
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      const { userId } = viewer;
      const grantId = rowIdOf('Grant', input.grantId);
      if (grantId === null) throw new NotFoundError();
      const revocation = await transact(context.database, async (tx) => {
        const own = await tx.oAuthGrant.findFirst({
          where: { id: grantId, ...ownGrants(viewer) },
          select: { id: true },
        });
        return (
          own &&
          revokeGrants(tx, { grantIds: [grantId], userIds: [userId] }, 'user_revoked', { userId }, context.clock())
        );
      });
      if (!revocation) throw new NotFoundError();
      return { grantId, receipt: settle(context, revocation) };
    },
  },
  {
    description: 'The grant as it is now, and what ended with it.',
    outputFields: (t) => ({
      grant: t.prismaField({
        type: 'OAuthGrant',
        description: 'As it is now.',
        resolve: (query, { grantId }, _args, { database }) =>
          database.db.oAuthGrant.findUniqueOrThrow({ ...query, where: { id: grantId } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
