import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from '../../platform/transient.ts';
import { openTestDatabase } from '../../testing/database.ts';
import { openGraphqlApp, type Person } from '../../testing/graphql-app.ts';
import { makeUser } from '../../testing/scene.ts';
import { LIMITS } from './limits.ts';

let database: Database;
let world: Awaited<ReturnType<typeof openGraphqlApp>>;
let ada: Person;
beforeAll(async () => {
  database = await openTestDatabase();
  world = await openGraphqlApp(database);
  ada = await makeUser(database);
});
afterAll(() => database.close());

const VIEWER = '{ viewer { user { name } } }';

describe('who is signed in', () => {
  test('the viewer; signed out it is null, and that is no error', async () => {
    expect((await world.ask(ada, VIEWER)).data).toEqual({ viewer: { user: { name: 'Ada' } } });
    const nobody = await world.ask(null, VIEWER);
    expect(nobody).toMatchObject({ status: 200, data: { viewer: null }, errors: [] });
  });

  test('signed out, everything else is UNAUTHENTICATED with 401, and no mutation runs', async () => {
    const mutation = 'mutation { grantRevoke(input: { grantId: "x" }) { __typename } }';
    for (const query of ['{ node(id: "x") { id } }', '{ authorizationRequest(id: "x") { id } }', mutation]) {
      const answer = await world.ask(null, query);
      expect(answer.status).toBe(401);
      expect(answer.errors[0]).toMatchObject({ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } });
    }
  });

  test('no answer is kept by a cache', async () => {
    expect((await world.ask(ada, VIEWER)).headers.get('cache-control')).toBe('no-store');
  });
});

describe('#239 who may ask, and how', () => {
  test('POST alone: a GET is 405, for queries and mutations alike', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
      const response = await world.app.request('/graphql?query=%7B__typename%7D', { method });
      expect(response.status, method).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('JSON alone: what a form can send is 415', async () => {
    const body = JSON.stringify({ query: VIEWER });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/graphql',
      'application/json2',
    ]) {
      expect((await world.post(body, { 'content-type': type })).status, type).toBe(415);
    }
    expect((await world.post(body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
  });

  test('#66 our own pages alone, which show it by a header that no form can send', async () => {
    const bare = await world.app.request('/graphql', {
      method: 'POST',
      body: JSON.stringify({ query: VIEWER }),
      headers: { 'content-type': 'application/json' },
    });
    expect(bare.status).toBe(403);
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:4000.evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign)
      expect((await world.ask(ada, VIEWER, {}, headers)).status, JSON.stringify(headers)).toBe(403);
    expect(
      (await world.ask(ada, VIEWER, {}, { origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(200);
  });

  test('#237 one operation a request: no batches, no persisted queries', async () => {
    const one = { query: VIEWER };
    expect((await world.post(JSON.stringify([one, one]))).status).toBe(400);
    const hash = { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } };
    expect((await world.post(JSON.stringify(hash), { accept: 'application/graphql-response+json' })).status).toBe(400);
  });

  test('bad input gets a 4xx and a message, never a 500', async () => {
    const bodies = [
      '',
      '{',
      'null',
      '7',
      '{}',
      '{"query":7}',
      '{"query":""}',
      '{"query":"{"}',
      '{"query":"{ nothing }","variables":7}',
    ];
    for (const body of bodies) {
      const answer = await world.post(body, { accept: 'application/graphql-response+json' });
      expect(answer.status, body).toBeGreaterThanOrEqual(400);
      expect(answer.status, body).toBeLessThan(500);
      expect(answer.errors[0]?.message, body).toMatch(/\w/);
    }
    expect((await world.post(JSON.stringify({ query: VIEWER, variables: { x: 'x'.repeat(200_000) } }))).status).toBe(
      413,
    );
  });
});

test('an instant that no layer below can hold is refused as what it is, and the furthest that all can hold is answered', async () => {
  const since = (text: string) => world.ask(ada, `{ viewer { auditEvents(since: "${text}") { edges { cursor } } } }`);
  for (const text of [
    '0000-01-01T00:00:00Z',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '2026-02-30T00:00:00Z',
  ])
    expect((await since(text)).errors[0]?.extensions.code, text).toBe('GRAPHQL_VALIDATION_FAILED');
  for (const text of ['0001-01-02T00:00:00Z', '9999-12-31T23:59:59Z', '2026-11-30T07:00:00+14:00'])
    expect((await since(text)).errors, text).toEqual([]);
});

test('text that no database keeps is refused, in variables and in the document: NUL, and half a character', async () => {
  const query = 'mutation ($name: String!) { organizationCreate(input: { name: $name }) { __typename } }';
  const inline = String.raw`{ viewer { auditEvents(kinds: ["a\u0000b"]) { edges { node { kind } } } } }`;
  const answers = [await world.ask(ada, inline)];
  for (const name of ['a\0b', 'a\ud800b', '\udc00']) answers.push(await world.ask(ada, query, { name }));
  for (const { status, errors } of answers) {
    expect([status, errors[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  }
  const fine = await world.ask(ada, query, { name: 'Ünï 😀 \\u0000' });
  expect(fine.data.organizationCreate.__typename).toBe('OrganizationCreatePayload');
});

describe('how much may be asked', () => {
  test('#234 depth, in a schema that has no circle but introspection', async () => {
    const introspection = `{ __schema { types { ${'fields { type { '.repeat(6)} name ${'} }'.repeat(6)} } } }`;
    const answer = await world.ask(ada, introspection, {}, { accept: 'application/graphql-response+json' });
    expect(answer).toMatchObject({
      status: 400,
      errors: [{ message: expect.stringMatching(/too large: deeper|introspection depth/i) }],
    });
  });

  test('#236 rows, fields, aliases and tokens', async () => {
    const page =
      'grants(first: 100) { edges { node { id client { id name } connection { id name } families { id label } usage { hour requests } } } }';
    const cases = [
      `{ viewer { ${Array.from({ length: 12 }, (_, i) => `a${i}: ${page}`).join(' ')} } }`,
      `{ viewer { ${'user { id name email } '.repeat(110)} } }`,
      `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${i}: __typename`).join(' ')} }`,
      `{ ${'__typename '.repeat(LIMITS.tokens)} }`,
      // What takes statements of its own for each row, for a page of rows.
      '{ viewer { connections(first: 100) { edges { node { connectAttempts { id } } } } } }',
      `{ viewer { connections(first: 100) { edges { node { ${Array.from({ length: 20 }, (_, i) => `a${i}: viewerMayChange`).join(' ')} } } } } }`,
      `mutation { ${Array.from({ length: 40 }, (_, i) => `a${i}: grantRevoke(input: { grantId: "x" }) { __typename }`).join(' ')} }`,
    ];
    for (const query of cases) {
      // Yoga answers what does not even parse with 200 where a client knows only of plain JSON.
      const accept = query.startsWith('{ __typename') ? 'application/graphql-response+json' : 'application/json';
      const answer = await world.ask(ada, query, {}, { accept });
      expect(answer.status, query.slice(0, 60)).toBe(400);
      expect(answer.data).toBeUndefined();
    }
    expect((await world.ask(ada, `{ viewer { ${page} } }`)).errors).toEqual([]);
  });

  test('too many aliases are told once, whatever they hold', async () => {
    const query = `{ ${Array.from({ length: LIMITS.aliases + 5 }, (_, i) => `a${i}: viewer { user { id } }`).join(' ')} }`;
    expect((await world.ask(ada, query)).errors).toEqual([
      { message: 'This query is too large: more than 30 aliases.', extensions: { code: 'QUERY_TOO_LARGE' } },
    ]);
  });

  test('#236 page sizes are clamped, or refused', async () => {
    const page = (args: string) =>
      world.ask(ada, `{ viewer { grants(${args}) { totalCount } auditEvents(${args}) { edges { cursor } } } }`);
    expect((await page('first: 1000000')).errors).toEqual([]);
    for (const args of ['first: -1', 'last: -5', 'after: "x"', 'after: "R1BDOlM6eA"', 'after: "R1BDOk46MQ=="']) {
      const answer = await page(args);
      expect(answer.errors[0]?.extensions?.code, args + answer.text).toBe('BAD_USER_INPUT');
      expect(answer.status, args).toBe(400);
    }
  });

  test('fragments that spread each other, in rings or in doubles, are judged and not followed', async () => {
    const ring = '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }';
    const doubles = Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(
      ' ',
    );
    for (const query of [ring, `{ ...F0 } ${doubles} fragment F40 on Query { __typename }`]) {
      const begun = Date.now();
      expect((await world.ask(ada, query)).errors.length).toBeGreaterThan(0);
      expect(Date.now() - begun).toBeLessThan(2_000);
    }
  });
});

describe('what is told', () => {
  test('#238 the schema to people who are signed in, and no suggestions to anyone', async () => {
    expect((await world.ask(ada, '{ __schema { queryType { name } } }')).data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
    expect((await world.ask(null, '{ __schema { queryType { name } } }')).data).toBeUndefined();
    for (const query of [
      '{ vieweer { user { id } } }',
      'query($s: GrantStatu) { __typename }',
      '{ viewer { grants(status: ACTIV) { totalCount } } }',
    ]) {
      const answer = await world.ask(ada, query);
      expect(answer.errors.length).toBeGreaterThan(0);
      expect(answer.text).not.toMatch(/did you mean/i);
    }
    const enumeration = await world.ask(
      ada,
      'query($s: GrantStatus) { viewer { grants(status: $s) { totalCount } } }',
      { s: 'ACTIV' },
    );
    expect(enumeration.errors.length).toBeGreaterThan(0);
    expect(enumeration.text).not.toMatch(/did you mean/i);
  });

  test('#243 fields that no input has are refused', async () => {
    const answer = await world.ask(ada, 'mutation($i: GrantRevokeInput!) { grantRevoke(input: $i) { __typename } }', {
      i: { grantId: 'x', userId: ada.id, revokedAt: null },
    });
    expect(answer.data?.grantRevoke).toBeUndefined();
    expect(answer.errors.length).toBeGreaterThan(0);
  });

  test('#245 of a fault only that it happened, with a reference', async () => {
    const broken = new Proxy(database, {
      get: (target, name) => {
        if (name === 'db') throw new Error('column "secret" of /srv/app/prisma does not exist');
        return Reflect.get(target, name);
      },
    });
    const { ask } = await openGraphqlApp(broken);
    const answer = await ask(ada, VIEWER);
    expect(answer.status).toBe(500);
    expect(answer.errors[0]).toMatchObject({
      message: 'Something went wrong here. Try again.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', reference: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(answer.text).not.toMatch(/secret|srv|prisma|does not exist|stack/i);
  });

  test('when the database is away: 503 with Retry-After, never "signed out"', async () => {
    const gone = await openTestDatabase();
    const other = await openGraphqlApp(gone);
    await gone.close();
    const away = await other.ask(ada, VIEWER);
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('2');
    expect(away.errors[0]?.extensions.code).toBe('SERVICE_UNAVAILABLE');
    const mutation = await other.ask(
      ada,
      'mutation { connectionCreate(input: { name: "a", remoteUrl: "https://a.example", authMode: NONE }) { __typename } }',
    );
    expect(mutation.status).toBe(503);
    const unknown = await openGraphqlApp(database, { viewerOf: () => Promise.reject(new Unavailable(undefined, 7)) });
    const answer = await unknown.ask(ada, VIEWER);
    expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    expect(answer.headers.get('retry-after')).toBe('7');
  });
});
