/** Hosts of client metadata documents: which wait for an administrator, and what was decided. */
import type { ClientHost } from '@grantway/prisma/client';
import { approveHost, denyHost, readHost } from '../../core/clients/client-host.ts';
import { builder } from './builder.ts';
import { adminIn } from './context.ts';
import { ValidationError } from './error.ts';
import { noKey } from './needs.ts';
import { RECEIPT, settle } from './receipt.ts';

const MAX_HOSTS = 600;

const ClientHostStatus = builder.enumType('ClientHostStatus', {
  description: 'What administrators decided about a host.',
  values: {
    WAITING: { value: 'waiting', description: 'Nobody has decided yet; its clients are not let in.' },
    APPROVED: { value: 'approved', description: 'Its clients may be authorized.' },
    DENIED: { value: 'denied', description: 'None of its clients is let in.' },
  } as const,
});

const ClientHostType = builder.objectRef<ClientHost>('ClientHost').implement({
  description: 'A host whose documents describe clients.',
  fields: (t) => ({
    host: t.exposeString('host', { description: 'The name, with a port where it is not the usual one.' }),
    status: t.expose('status', { type: ClientHostStatus, description: 'What was decided, or that it waits.' }),
    clientId: t.exposeString('clientId', {
      nullable: true,
      description: 'The client that was asked for last. Null when none has been.',
    }),
    lastAskedAt: t.expose('lastAskedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null when nobody has asked for a client of it while it waited.',
    }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true, description: 'Null while it waits.' }),
  }),
});

builder.queryField('clientHosts', (t) =>
  t.field({
    type: [ClientHostType],
    ...noKey,
    description: `For administrators. Those that wait come first; at most ${MAX_HOSTS}.`,
    args: { status: t.arg({ type: ClientHostStatus, description: 'Absent: all.' }) },
    resolve: (_root, { status }, context) => {
      adminIn(context);
      return context.database.db.clientHost.findMany({
        where: status ? { status } : {},
        orderBy: [{ status: 'asc' }, { lastAskedAt: { sort: 'desc', nulls: 'last' } }, { host: 'asc' }],
        take: MAX_HOSTS,
      });
    },
  }),
);

function hostIn({ host }: { host: string }): string {
  const read = readHost(host);
  if (read === null) throw new ValidationError('host', 'Give a host alone, such as app.example.com.');
  return read;
}

builder.relayMutationField(
  'clientHostApprove',
  {
    description: 'Whose clients to let in.',
    inputFields: (t) => ({
      host: t.string({ required: true, description: 'The host alone, such as app.example.com.' }),
    }),
  },
  {
    description: 'Lets people authorize the clients of a host. For administrators.',
    errors: { types: [ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { userId: actorUserId } = adminIn(context);
      const host = hostIn(input);
      await approveHost(context.database, { host, actorUserId }, context.clock());
      return { host };
    },
  },
  {
    description: 'The host as it is now.',
    outputFields: (t) => ({
      clientHost: t.field({
        type: ClientHostType,
        description: 'With the decision.',
        resolve: ({ host }, _args, { database }) => database.db.clientHost.findUniqueOrThrow({ where: { host } }),
      }),
    }),
  },
);

builder.relayMutationField(
  'clientHostDeny',
  {
    description: 'Whose clients not to let in.',
    inputFields: (t) => ({
      host: t.string({ required: true, description: 'The host alone, such as app.example.com.' }),
    }),
  },
  {
    description: 'Lets no client of a host in, and ends what they were granted, for everyone. For administrators.',
    errors: { types: [ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { userId: actorUserId } = adminIn(context);
      const host = hostIn(input);
      const revocation = await denyHost(context.database, { host, actorUserId }, context.clock());
      return { host, receipt: settle(context, revocation) };
    },
  },
  {
    description: 'The host as it is now, and what ended.',
    outputFields: (t) => ({
      clientHost: t.field({
        type: ClientHostType,
        description: 'With the decision.',
        resolve: ({ host }, _args, { database }) => database.db.clientHost.findUniqueOrThrow({ where: { host } }),
      }),
      receipt: t.expose('receipt', RECEIPT),
    }),
  },
);
