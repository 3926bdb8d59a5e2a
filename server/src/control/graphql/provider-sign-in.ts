/** The viewer's own sign-in at the provider of a connection: its state, its beginning, its end. */
import { revokeEnded } from '../../core/providers/outbox.ts';
import { beginSignIn, disconnect } from '../../core/providers/sign-in.ts';
import { browserOf } from './authorization-request.ts';
import { builder } from './builder.ts';
import { connectionIdOf } from './connection-id.ts';
import { tooOften, viewerIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { McpConnection } from './mcp-connection.ts';
import { noKey } from './needs.ts';

type SignIn = {
  status: 'signed_out' | 'signed_in' | 'needs_reauth';
  account: string | null;
  scopes: string[];
  signedInAt: Date | null;
  expiresAt: Date | null;
};

const Status = builder.enumType('ProviderSignInStatus', {
  description: 'Whether the viewer is signed in at the provider of a connection.',
  values: {
    SIGNED_OUT: { value: 'signed_out', description: 'Never signed in, or signed out again.' },
    SIGNED_IN: { value: 'signed_in', description: 'It works, and renews itself.' },
    NEEDS_REAUTH: { value: 'needs_reauth', description: 'The provider no longer accepts the sign-in.' },
  } as const,
});

const ProviderSignIn = builder.objectRef<SignIn>('ProviderSignIn').implement({
  description: "The viewer's own sign-in at the provider of a connection. Its tokens never leave the gateway.",
  fields: (t) => ({
    status: t.expose('status', { type: Status, description: 'Whether the connection works for the viewer.' }),
    account: t.exposeString('account', {
      nullable: true,
      description: 'Which account it is, in the words of the provider; null where it does not say.',
    }),
    scopes: t.exposeStringList('scopes', { description: 'What the provider granted.' }),
    signedInAt: t.expose('signedInAt', { type: 'DateTime', nullable: true, description: 'Null when signed out.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the present token ends; it is renewed by itself. Null when signed out, or where the provider does not say.',
    }),
  }),
});

builder.prismaObjectField(McpConnection, 'providerSignIn', (t) =>
  t.field({
    type: ProviderSignIn,
    nullable: true,
    description: 'Null where the connection needs no sign-in at a provider.',
    select: (_args, context) => ({
      authMode: true,
      instances: {
        where: { userId: viewerIn(context).userId, status: { in: ['active', 'needs_reauth'] } },
        include: { providerGrants: { where: { revokedAt: null } } },
      },
    }),
    resolve: ({ authMode, instances: [instance] }): SignIn | null => {
      if (authMode !== 'oauth_dynamic' && authMode !== 'oauth_static') return null;
      const grant = instance?.providerGrants[0];
      if (!instance || !grant) return SIGNED_OUT;
      return {
        status: instance.status === 'active' ? 'signed_in' : 'needs_reauth',
        account: instance.upstreamAccount,
        scopes: grant.scopes,
        signedInAt: grant.createdAt,
        expiresAt: grant.expiresAt,
      };
    },
  }),
);

const SIGNED_OUT: SignIn = { status: 'signed_out', account: null, scopes: [], signedInAt: null, expiresAt: null };

builder.relayMutationField(
  'connectionProviderSignIn',
  {
    description: 'At the provider of which connection to sign in.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may see.' }) }),
  },
  {
    description:
      'Begins a sign-in at the provider of a connection. It ends in this browser, within half an hour, on the page of the connection.',
    errors: { types: [NotFoundError, ValidationError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { binding: browser, sessionId } = browserOf(context);
      const who = { userId: viewerIn(context).userId, sessionId, browser };
      // It looks at the server as a discovery does, at whatever address the connection has.
      const room = await context.discoveries.take(who.userId);
      if (!room.allowed) throw tooOften(room.retryAfter);
      const begun = await beginSignIn(context.providers, who, connectionIdOf(input));
      if (begun.ok) return begun.value;
      throw begun.reason.kind === 'not_found' ? new NotFoundError() : new ValidationError(null, begun.reason.message);
    },
  },
  {
    description: 'Where the browser goes.',
    outputFields: (t) => ({
      redirectTo: t.exposeString('redirectTo', { description: 'The authorization page of the provider.' }),
    }),
  },
);

builder.relayMutationField(
  'connectionProviderDisconnect',
  {
    description: 'From the provider of which connection to sign out.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may see.' }) }),
  },
  {
    description:
      "Ends the viewer's sign-in at the provider of a connection, here at once and there soon after. Authorized clients stay, and work again after the next sign-in.",
    errors: { types: [NotFoundError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const which = { userId: viewerIn(context).userId, connectionId: connectionIdOf(input) };
      const ended = await disconnect(context.database, which, context.clock());
      if (!ended.ok) throw new NotFoundError();
      // Housekeeping would come by within half a minute. Nobody waits for it here.
      revokeEnded(context.providers).catch((error: unknown) =>
        context.providers.log.warn({ err: error }, 'a provider will be told later that a sign-in ended'),
      );
      return ended.value;
    },
  },
  {
    description: 'The connection as it is now.',
    outputFields: (t) => ({
      connection: t.prismaField({
        type: 'Connection',
        description: 'As it is now.',
        resolve: (query, { connectionId }, _args, { database }) =>
          database.db.connection.findUniqueOrThrow({ ...query, where: { id: connectionId } }),
      }),
    }),
  },
);
