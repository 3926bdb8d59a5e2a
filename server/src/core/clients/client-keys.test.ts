import { beforeEach, expect, test } from 'vitest';
import { Unavailable } from '../../platform/transient.ts';
import { type ClientKeys, openClientKeys } from './client-keys.ts';

const ADDRESS = 'https://app.example/jwks.json';
let fetches: number;
let now: Date;
let answer: () => Response;
let keys: ClientKeys;
beforeEach(() => {
  fetches = 0;
  now = new Date('2026-11-24T12:00:00Z');
  const fetch = async () => {
    fetches++;
    return answer();
  };
  keys = openClientKeys({ fetch, clock: () => now });
});
const later = (seconds: number): void => {
  now = new Date(now.getTime() + seconds * 1000);
};
const serve = (kids: string[], cacheControl = 'max-age=600') => {
  const body = JSON.stringify({ keys: kids.map((kid) => ({ kty: 'EC', kid })) });
  answer = () => new Response(body, { headers: { 'cache-control': cacheControl } });
};
const kidsOf = async (kid?: string) => (await keys(ADDRESS, kid))?.keys.map((key) => key.kid);

test('keys are fetched once while they are fresh, and once for all that ask at the same moment', async () => {
  serve(['a']);
  const answers = await Promise.all(Array.from({ length: 20 }, () => kidsOf('a')));
  expect([answers.every((kids) => kids?.[0] === 'a'), fetches]).toEqual([true, 1]);
  later(599);
  await kidsOf('a');
  expect(fetches).toBe(1);
  later(2);
  await kidsOf('a');
  expect(fetches).toBe(2);
});

test('#146 an unknown key is looked for again, and a storm of them makes one fetch in half a minute', async () => {
  serve(['a']);
  await kidsOf('a');
  later(31);
  serve(['a', 'b']);
  expect(await kidsOf('b')).toEqual(['a', 'b']);
  for (let count = 0; count < 100; count++) await kidsOf(`x${count}`);
  expect(fetches).toBe(2);
  later(29);
  await kidsOf('x');
  expect(fetches).toBe(2);
});

test('a key that its client takes away is dead within the hour, whatever its headers say', async () => {
  serve(['a'], 'max-age=999999');
  await kidsOf('a');
  serve(['b']);
  later(3_601);
  expect(await kidsOf('a')).toEqual(['b']);
});

test('an outage of theirs is served from what is known for a while, then told as one that passes, and retried seldom', async () => {
  serve(['a']);
  await kidsOf('a');
  answer = () => new Response('', { status: 503 });
  later(900);
  expect(await kidsOf('a')).toEqual(['a']);
  later(400);
  await expect(kidsOf('a')).rejects.toThrow(Unavailable);
  const before = fetches;
  for (let count = 0; count < 20; count++) await expect(kidsOf('a')).rejects.toThrow(Unavailable);
  expect(fetches).toBe(before);
  serve(['a']);
  later(11);
  expect(await kidsOf('a')).toEqual(['a']);
});

test.each([
  ['another status', () => new Response('{"keys":[]}', { status: 404 })],
  ['no JSON', () => new Response('<html>')],
  ['no set', () => new Response('{"keys":{}}')],
  ['too many keys', () => new Response(JSON.stringify({ keys: Array(21).fill({}) }))],
])('%s is no keys', async (_what, response) => {
  answer = response;
  expect(await keys(ADDRESS, 'a')).toBeNull();
});
