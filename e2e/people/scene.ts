/** A person in the middle of things: connections, clients that use them, one that was revoked, and a request to answer. */
import type { Page } from '@playwright/test';
import { beginAuthorization, type McpClient, openMcpClient } from '../actors/mcp-client.ts';
import { allowUnseen } from '../fixtures/consent.ts';
import type { Connection, Person } from '../fixtures/person.ts';

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
  // One client with permission for two connections, and one that was registered once and signed in twice.
  const [agent] = clients;
  const again = await join(warehouse, 'Coding agent');
  again.memory.kept.registration = agent?.memory.kept.registration;
  await again.signIn(allowUnseen(api, person));
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
  return {
    page,
    person,
    upstreamUrl,
    tracker,
    disabled,
    organizationId,
    shared,
    newRequest: () => beginAuthorization(asking),
    badRequest,
    close: async () => {
      for (const client of clients) await client.close();
    },
  };
}
