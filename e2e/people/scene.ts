/** A person in the middle of things: connections, clients that use them, one that was revoked, and a request to answer. */
import type { Page } from '@playwright/test';
import { openAnnounced } from '../actors/announced-server.ts';
import { registerClient } from '../actors/bare-client.ts';
import { beginAuthorization, type McpClient, openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen, approve } from '../fixtures/consent.ts';
import type { Connection, Person } from '../fixtures/person.ts';
import { knowLater } from './place.ts';

export type Scene = {
  page: Page;
  person: Person;
  /** A server that lets anyone in. */
  upstreamUrl: string;
  tracker: Connection;
  disabled: Connection;
  /** An organization of theirs, with a connection. */
  organizationId: string;
  shared: Connection;
  /** Addresses of requests to answer, one for each picture that needs its own. */
  newRequest: () => Promise<URL>;
  /** A client that has permission already asks for it once more. */
  askAgain: () => Promise<URL>;
  /** A client asks for more than it was allowed. */
  askWider: () => Promise<URL>;
  /** Lets the person use the organization's connection, for which `askShared` asks. */
  assignShared: () => Promise<unknown>;
  askShared: () => Promise<URL>;
  /** A request for a server whose own provider wants a sign-in. */
  askAtProvider: () => Promise<URL>;
  /** Lets one more client in. Returns the id of its grant. */
  newGrant: () => Promise<string>;
  /** An authorization request that is refused before its redirect URI is trusted. */
  badRequest: URL;
  close: () => Promise<void>;
};

const LONG_NAME = 'Quarterly-planning-assistant-with-a-name-that-has-no-space-in-it-to-break-the-line-at';

export async function setScene(page: Page, person: Person, upstreamUrl: string): Promise<Scene> {
  const api = page.context().request;
  const clients: McpClient[] = [];
  const join = async (connection: Connection, name: string | undefined) => {
    const client = await openMcpClient(connection.url, { name });
    clients.push(client);
    return client;
  };
  const tracker = await person.createConnection({ name: 'Issue tracker', remoteUrl: upstreamUrl });
  const warehouse = await person.createConnection({
    name: 'Warehouse',
    remoteUrl: `${upstreamUrl}?warehouse`,
    headers: [{ name: 'Authorization', value: 'Bearer secret' }],
  });
  const disabled = await person.createConnection({ name: 'Old wiki', remoteUrl: `${upstreamUrl}?wiki` });
  await person.ask('mutation ($input: ConnectionDisableInput!) { connectionDisable(input: $input) { __typename } }', {
    input: { connectionId: disabled.id },
  });

  const { organizationCreate } = await person.ask<{ organizationCreate: { organization: { id: string } } }>(
    'mutation { organizationCreate(input: { name: "Research" }) { ... on OrganizationCreatePayload { organization { id } } } }',
  );
  const organizationId = organizationCreate.organization.id;
  const shared = await person.createConnection({
    name: 'Shared wiki',
    remoteUrl: `${upstreamUrl}?shared`,
    organizationId,
  });

  for (const [connection, name] of [
    [tracker, 'Coding agent'],
    [tracker, undefined],
    [warehouse, LONG_NAME],
    [warehouse, 'Revoked one'],
  ] as const) {
    const client = await join(connection, name);
    await client.signIn(allowUnseen(api, person));
    await client.echo('hello');
  }
  // One client with permission for two connections, and with two sign-ins for one of them.
  const [agent] = clients;
  for (const connection of [warehouse, tracker]) {
    const again = await join(connection, 'Coding agent');
    again.memory.kept.registration = agent?.memory.kept.registration;
    await again.signIn(allowUnseen(api, person));
  }
  const ended = (await person.grants()).find(({ client }) => client.name === 'Revoked one');
  await person.revoke(ended?.id ?? '');

  const asking = await join(tracker, 'New assistant');
  const badRequest = await beginAuthorization(asking);
  badRequest.searchParams.set('client_id', 'unknown');
  // For the page of sign-in attempts.
  await fetch(badRequest);
  const wrongAddress = await beginAuthorization(asking);
  wrongAddress.searchParams.set('redirect_uri', 'https://elsewhere.example/callback');
  await fetch(wrongAddress);
  await knowLater(page);
  const provider = await openAnnounced(true);
  return {
    page,
    person,
    upstreamUrl,
    tracker,
    disabled,
    organizationId,
    shared,
    newRequest: () => beginAuthorization(asking),
    askAgain: async () => {
      const asked = await beginAuthorization(asking);
      asked.searchParams.set('client_id', agent?.memory.kept.registration?.client_id ?? '');
      asked.searchParams.set('redirect_uri', agent?.callback.redirectUri ?? '');
      return asked;
    },
    askWider: async () => {
      const asked = await beginAuthorization(asking);
      const { id, redirectUri } = await registerClient(asked.origin, WIDER);
      asked.searchParams.set('client_id', id);
      asked.searchParams.set('redirect_uri', redirectUri);
      asked.searchParams.set('scope', 'mcp:access');
      await approve(api, person, asked);
      asked.searchParams.set('scope', WIDER.scope);
      return asked;
    },
    assignShared: async () => {
      const { node } = await person.ask<{ node: { members: { id: string }[] } }>(MEMBERS, { id: organizationId });
      await person.ask(ASSIGN, { input: { connectionId: shared.id, memberId: node.members[0]?.id } });
    },
    askShared: async () => beginAuthorization(await join(shared, 'Research assistant')),
    askAtProvider: async () => {
      const { notes } = await person.ask<{ notes: { connection: Connection } }>(NOTES, {
        input: { name: 'Notes', remoteUrl: provider.url, authMode: 'OAUTH_DYNAMIC' },
      });
      return beginAuthorization(await join(notes.connection, 'Note taker'));
    },
    newGrant: async () => {
      const before = new Set((await person.grants()).map(({ id }) => id));
      const client = await join(tracker, 'Short visit');
      await client.signIn(allowUnseen(api, person));
      return (await person.grants()).find(({ id }) => !before.has(id))?.id ?? '';
    },
    badRequest,
    close: async () => {
      for (const client of clients) await client.close();
      await provider.stop();
    },
  };
}

const WIDER = {
  client_name: 'Growing assistant',
  redirect_uris: ['http://127.0.0.1:7777/callback'],
  token_endpoint_auth_method: 'none',
  scope: 'mcp:access profile',
};
const MEMBERS = 'query ($id: ID!) { node(id: $id) { ... on Organization { members { id } } } }';
const ASSIGN = 'mutation ($input: ConnectionAssignInput!) { connectionAssign(input: $input) { __typename } }';
const NOTES = `mutation ($input: ConnectionCreateInput!) { notes: connectionCreate(input: $input) {
  ... on ConnectionCreatePayload { connection { id name url } } } }`;
