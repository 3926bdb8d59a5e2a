/** Trying a connection out: reaches its upstream as a client would, and tells what it found. */
import { type Contact, type ContactProblem, contactUpstream, type Tool } from '../../core/connections/contact.ts';
import type { Header } from '../../core/connections/header.ts';
import { visibleTo } from '../../core/connections/manageable.ts';
import { auxiliaryOf, openStaticHeaders } from '../../core/connections/secrets.ts';
import { openCredentials } from '../../core/providers/credential.ts';
import { builder } from './builder.ts';
import { connectionIdOf } from './connection-id.ts';
import { type Context, viewerIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { needs } from './needs.ts';

const UpstreamTool = builder.objectRef<Tool>('UpstreamTool').implement({
  description: 'A tool that an upstream offers, in its own words, cut to a readable length.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What clients call it by.' }),
    title: t.exposeString('title', { nullable: true, description: 'Null when it gave none.' }),
    description: t.exposeString('description', { nullable: true, description: 'Null when it gave none.' }),
    readOnly: t.exposeBoolean('readOnly', { description: 'Whether the upstream says that it changes nothing.' }),
  }),
});

export const ConnectionTest = builder.objectRef<Contact>('ConnectionTest').implement({
  description: 'What a look at an upstream found.',
  fields: (t) => ({
    reached: t.boolean({ description: 'Whether it answered as an MCP server.', resolve: ({ ok }) => ok }),
    milliseconds: t.int({ description: 'Until it had answered, or until that failed.', resolve: ({ ms }) => ms }),
    problem: t.string({
      nullable: true,
      description: 'Why it could not be used, in a sentence. Null when it could.',
      resolve: (contact) => (contact.ok ? null : sentenceOf(contact.problem, contact.status)),
    }),
    protocolVersion: t.string({
      nullable: true,
      description: 'The MCP revision that was agreed on. Null when it was not reached.',
      resolve: (contact) => (contact.ok ? contact.protocolVersion : null),
    }),
    server: t.string({
      nullable: true,
      description: 'Name and version, as it says. Null when it does not say, or was not reached.',
      resolve: (contact) => (contact.ok ? contact.server : null),
    }),
    name: t.string({
      nullable: true,
      description: 'What it calls itself, without its version. Null when it does not say, or was not reached.',
      resolve: (contact) => (contact.ok ? contact.name : null),
    }),
    tools: t.field({
      type: [UpstreamTool],
      description: 'The first of those that it lists; empty when it was not reached.',
      resolve: (contact) => (contact.ok ? contact.tools : []),
    }),
    moreTools: t.boolean({
      description: 'Whether it has more tools than are listed.',
      resolve: (contact) => contact.ok && contact.more,
    }),
  }),
});

const SENTENCES: Record<ContactProblem, string> = {
  unknown_host: 'The host name leads to no address that this gateway reaches. Check the address.',
  address_refused: 'The address leads into a network that this gateway does not reach.',
  refused_connection: 'Nothing listens at this address. Check the port, and whether the server runs.',
  tls: 'The server’s certificate is not valid for this address, so nothing was sent.',
  too_slow: 'The server did not answer within ten seconds.',
  unauthorized: 'The server refused the credentials of this connection.',
  redirects: 'The server redirects to another address, which Grantway does not follow. Put that address here instead.',
  not_found: 'The server is there, but has nothing at this path.',
  server_error: 'The server answered with an error of its own.',
  too_large: 'The server’s answer is larger than Grantway reads.',
  not_mcp: 'Something answers there, but it does not speak MCP over Streamable HTTP.',
  network: 'The connection to the server broke off.',
};

const sentenceOf = (problem: ContactProblem, status: number | null): string =>
  status !== null && status >= 400 ? `${SENTENCES[problem]} (Status ${status}.)` : SENTENCES[problem];

/** The connection of the viewer, with the headers that its upstream is to be sent. @throws NotFoundError, ValidationError */
async function reachable(context: Context, connectionId: string) {
  const viewer = viewerIn(context);
  const { database, keyring } = context;
  const connection = await database.db.connection.findFirst({
    where: { AND: [{ id: connectionId }, visibleTo(viewer)] },
    include: { secrets: { where: { kind: 'static_headers' } } },
  });
  if (!connection) throw new NotFoundError();
  if (connection.authMode === 'oauth_dynamic' || connection.authMode === 'oauth_static')
    return { connection, headers: [...auxiliaryOf(connection), await ownToken(context, connectionId)] };
  const [secret] = connection.secrets;
  const own: Header[] = secret ? await openStaticHeaders({ database, keyring })(secret.id, secret.version) : [];
  return { connection, headers: [...auxiliaryOf(connection), ...own] };
}

/** What the upstream is sent of the viewer's own sign-in at its provider. @throws ValidationError where there is none */
async function ownToken(context: Context, connectionId: string): Promise<Header> {
  const { database, providers } = context;
  const { userId } = viewerIn(context);
  const grant = await database.db.providerGrant.findFirst({
    where: { revokedAt: null, instance: { userId, connectionId, status: 'active' } },
    select: { id: true, version: true },
  });
  const taken = grant && (await openCredentials(providers).take(grant.id, grant.version));
  if (!taken) throw new ValidationError(null, 'Sign in at the provider of this connection first.');
  return { name: 'authorization', value: `Bearer ${taken.accessToken}` };
}

builder.relayMutationField(
  'connectionTest',
  {
    description: 'Which connection to try out.',
    inputFields: (t) => ({ connectionId: t.id({ required: true, description: 'One that the viewer may see.' }) }),
  },
  {
    ...needs('connections:read'),
    description: 'Reaches the upstream of a connection as a client would, with its credentials. Changes nothing.',
    errors: { types: [NotFoundError, ValidationError] },
    resolve: async (_root, { input }, context) => {
      const connectionId = connectionIdOf(input);
      const { connection, headers } = await reachable(context, connectionId);
      const room = await context.contacts.take(viewerIn(context).userId);
      if (!room.allowed)
        throw new ValidationError(null, `That was often enough for now. Try again in ${room.retryAfter} s.`);
      return { connectionId, test: await contactUpstream(context.contact, connection.remoteUrl, headers) };
    },
  },
  {
    description: 'What was found.',
    outputFields: (t) => ({ test: t.expose('test', { type: ConnectionTest, description: 'What came of it.' }) }),
  },
);
