import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../testing/database.ts';
import { makeConnection, makeUser } from '../testing/scene.ts';
import type { Database } from './database.ts';
import { newSealingJwk, newSigningJwk, type RingJwk, readKeyring } from './keys.ts';
import { countLost, countSealed, resealRows } from './reseal.ts';
import { seal, unseal } from './seal.ts';

let database: Database;
let signing: RingJwk;
beforeAll(async () => {
  database = await openTestDatabase();
  signing = await newSigningJwk('ES256');
});
afterAll(() => database.close());

const ringOf = (...sealing: RingJwk[]) => readKeyring(JSON.stringify({ keys: [...sealing, signing] }));
const placeOf = (id: string) => `connection_secret/${id}`;

async function secret(keyring: Awaited<ReturnType<typeof ringOf>>): Promise<string> {
  const { id: connectionId } = await makeConnection(database, { userId: (await makeUser(database)).id });
  const id = uuidv7();
  const sealed = await seal(keyring, placeOf(id), `canary ${id}`);
  await database.db.connectionSecret.create({ data: { id, connectionId, kind: 'static_headers', sealed } });
  return id;
}
const sealedOf = async (id: string) => (await database.db.connectionSecret.findUniqueOrThrow({ where: { id } })).sealed;

test('#271 what older keys sealed is sealed again by the current one, in its own place; what a lost key sealed stays closed', async () => {
  const [oldest, old, current, lost] = Array.from({ length: 4 }, newSealingJwk) as [RingJwk, RingJwk, RingJwk, RingJwk];
  const [a, b, c, d] = await Promise.all([oldest, old, current, lost].map(async (key) => secret(await ringOf(key))));
  const ring = await ringOf(current, old, oldest);
  const before = { c: await sealedOf(c as string), d: await sealedOf(d as string) };
  const kids = [oldest, old, current].map(({ kid }) => kid as string);
  expect([...(await countSealed(database, kids)).values()]).toEqual([1, 1, 1]);

  expect(await resealRows(database, ring)).toBe(2);
  expect([...(await countSealed(database, kids)).values()]).toEqual([0, 0, 3]);
  const alone = await ringOf(current);
  for (const id of [a, b, c] as string[]) {
    expect(await unseal(alone, placeOf(id), await sealedOf(id))).toBe(`canary ${id}`);
  }
  expect({ c: await sealedOf(c as string), d: await sealedOf(d as string) }).toEqual(before);
  expect(await resealRows(database, ring)).toBe(0);
  expect([await countLost(database, ring), await countLost(database, await ringOf(current, lost))]).toEqual([1, 0]);
});

test('#271 a row that is replaced while it is sealed again keeps its new text', async () => {
  const [old, current] = [newSealingJwk(), newSealingJwk()];
  const id = await secret(await ringOf(old));
  const ring = await ringOf(current, old);
  const text = await seal(ring, placeOf(id), 'replaced');
  const watched = {
    ...database,
    db: database.db.$extends({
      query: {
        async $executeRaw({ args, query }) {
          await database.db.connectionSecret.update({ where: { id }, data: { sealed: text } });
          return query(args);
        },
      },
    }) as unknown as Database['db'],
  };
  expect(await resealRows(watched, ring)).toBe(0);
  expect(await sealedOf(id)).toBe(text);
});
