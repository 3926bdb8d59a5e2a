/** The list of clients beside a plain computation of it, over many grants drawn at random: orders, ties, cursors, searches, owners. */
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { CALLBACK, makeConnection, makeOrganization, makeUser, type SceneConnection } from '../../testing/scene.ts';
import { type ClientOrder, grantsByClient, type Standing, type Wanted } from './by-client.ts';
import type { ExecutionContext } from './grant.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const CLIENTS = 60;
const GRANTS = 400;
const ORDERS: ClientOrder[] = ['last_used', 'longest_unused', 'newest', 'last_ended'];
const STANDINGS: Standing[] = ['active', 'revoked', 'expired'];
const REASONS = ['user_revoked', 'client_revoked', 'expired', 'idle'];
const NAMES = ['Coding agent', 'coding AGENT', '100%', 'Under_score', 'Größe ÄÖ', 'back\\slash', null];

/** The same numbers every time. */
function drawer(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Row = {
  id: string;
  oauthClientId: string;
  connectionId: string;
  executionContext: ExecutionContext;
  status: 'active' | 'revoked';
  approvedAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  revocationReason: string | null;
};
type Known = {
  userId: string;
  rows: Row[];
  clients: Map<string, { name: string | null; clientId: string; kind: string }>;
  connections: SceneConnection[];
  organization: ExecutionContext;
};

/** A person with many grants; few instants, so that many of them are the same. */
async function makeGrants(seed: number): Promise<Known> {
  const draw = drawer(seed);
  const pick = <T>(from: readonly T[]): T => from[draw(from.length)] as T;
  const user = await makeUser(database);
  const organization = await makeOrganization(database, [user]);
  const connections = [
    await makeConnection(database, { userId: user.id }, 'Tracker'),
    await makeConnection(database, { userId: user.id }, 'Wiki_2'),
    await makeConnection(database, { organizationId: organization.id, assignees: [user] }, 'Agent of Acme'),
  ];
  const instances = new Map<string, string>();
  for (const { id: connectionId } of connections) {
    const { id } = await database.db.connectionInstance.create({ data: { connectionId, userId: user.id } });
    instances.set(connectionId, id);
  }
  const clients = Array.from({ length: CLIENTS }, (_, number) => {
    const kind = pick(['dynamic', 'metadata_document'] as const);
    const id = uuidv7();
    return { id, kind, clientId: `https://host-${number}-${id}.example/client`, name: pick(NAMES) };
  });
  await database.db.oAuthClient.createMany({
    data: clients.map((client) => ({ ...client, redirectUris: [CALLBACK], tokenEndpointAuthMethod: 'none' })),
  });
  const instant = (): Date => new Date(Date.UTC(2026, 0, 1) + draw(40) * 1_000);
  const context: ExecutionContext = `organization:${organization.id}`;
  const rows = Array.from({ length: GRANTS }, (): Row => {
    const connection = pick(connections);
    const ended = draw(2) === 0;
    return {
      id: uuidv7(),
      oauthClientId: pick(clients).id,
      connectionId: connection.id,
      executionContext: connection.ownerOrganizationId ? context : 'personal',
      status: ended ? 'revoked' : 'active',
      approvedAt: instant(),
      lastUsedAt: draw(3) === 0 ? null : instant(),
      revokedAt: ended ? instant() : null,
      revocationReason: ended ? pick(REASONS) : null,
    };
  });
  const resourceOf = new Map(connections.map(({ id, resource }) => [id, resource.id]));
  await database.db.oAuthGrant.createMany({
    data: rows.map((row) => ({
      ...row,
      userId: user.id,
      connectResourceId: resourceOf.get(row.connectionId) ?? '',
      instanceId: instances.get(row.connectionId) ?? '',
      // An active grant is one of its kind.
      redirectUri: `${CALLBACK}/${row.id}`,
      scopes: ['mcp:access'],
      connectionVersion: 1,
      activatedAt: row.approvedAt,
    })),
  });
  return {
    userId: user.id,
    rows,
    clients: new Map(clients.map((client) => [client.id, client])),
    connections,
    organization: context,
  };
}

const used = (row: Row): number => (row.lastUsedAt ?? row.approvedAt).getTime();
const PLACE: Record<ClientOrder, (row: Row) => number> = {
  last_used: used,
  longest_unused: used,
  newest: (row) => row.approvedAt.getTime(),
  last_ended: (row) => (row.revokedAt ?? row.approvedAt).getTime(),
};
const byId = (a: string, b: string): number => (a < b ? 1 : -1);

function plainly({ rows, clients, connections }: Known, wanted: Wanted, order: ClientOrder) {
  const contains = (text: string | null | undefined) =>
    (text ?? '').toLowerCase().includes((wanted.search ?? '').toLowerCase());
  const matching = rows.filter((row) => {
    const late = row.revocationReason === 'expired' || row.revocationReason === 'idle';
    const standing = row.status === 'active' ? 'active' : late ? 'expired' : 'revoked';
    const client = clients.get(row.oauthClientId);
    const connection = connections.find(({ id }) => id === row.connectionId);
    return (
      standing === wanted.standing &&
      (wanted.executionContext === undefined || wanted.executionContext === row.executionContext) &&
      (wanted.connectionId === undefined || wanted.connectionId === row.connectionId) &&
      (wanted.search === undefined ||
        contains(client?.name) ||
        contains(connection?.name) ||
        (client?.kind === 'metadata_document' && contains(client.clientId)))
    );
  });
  const gathered = Map.groupBy(matching, (row) => row.oauthClientId);
  return [...gathered]
    .map(([clientId, grants]) => ({
      clientId,
      at: Math.max(...grants.map(PLACE[order])),
      grantIds: grants.sort((a, b) => used(b) - used(a) || byId(a.id, b.id)).map(({ id }) => id),
    }))
    .sort((a, b) => (order === 'longest_unused' ? a.at - b.at : b.at - a.at) || byId(a.clientId, b.clientId))
    .map(({ clientId, grantIds }) => ({ clientId, grantIds }));
}

/** Pages to the end, and one page past it. */
async function paged(wanted: Wanted, order: ClientOrder, take: number) {
  const seen: { clientId: string; grantIds: string[] }[] = [];
  const totals = new Set<number>();
  for (let behind: { key: string; clientId: string } | undefined; ; ) {
    const { clients, total } = await grantsByClient(database, wanted, { order, take, behind });
    totals.add(total);
    if (clients.length === 0) return { seen, totals: [...totals] };
    seen.push(...clients.map(({ clientId, grantIds }) => ({ clientId, grantIds })));
    behind = clients.at(-1);
  }
}

describe('grantsByClient over random grants', () => {
  let known: Known;
  beforeAll(async () => {
    known = await makeGrants(1);
    // Somebody else's, which nobody is to see.
    await makeGrants(2);
  });

  test.each(STANDINGS)('lists what a plain computation lists: %s', async (standing) => {
    const { userId, connections, organization } = known;
    const searches = [undefined, 'AGENT', '%', '_', '\\', 'Größe Ä', 'host-1', 'nothing is called this'];
    for (const order of ORDERS) {
      for (const executionContext of [undefined, 'personal', organization] as const) {
        for (const connectionId of [undefined, connections[1]?.id, connections[2]?.id]) {
          for (const search of connectionId ? [undefined, 'agent'] : searches) {
            const wanted = { userId, executionContext, standing, connectionId, search };
            const expected = plainly(known, wanted, order);
            const what = JSON.stringify({ order, ...wanted });
            const { seen, totals } = await paged(wanted, order, 7);
            expect(seen, what).toEqual(expected);
            expect(totals, what).toEqual([expected.length]);
          }
        }
      }
    }
    const all = { userId, executionContext: undefined, standing };
    for (const take of [1, 3, 1_000])
      expect((await paged(all, 'last_used', take)).seen).toEqual(plainly(known, all, 'last_used'));
  });
});
