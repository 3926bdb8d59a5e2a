import { expect, test, vi } from 'vitest';
import { singleFlight } from './single-flight.ts';

const KEPT_MS = 50;

function controlled() {
  const begun: ((value: number) => void)[] = [];
  const once = singleFlight<number>(KEPT_MS);
  const ask = (key = 'key', askedAt = performance.now()) =>
    once(key, askedAt, () => new Promise((resolve) => begun.push(resolve)));
  return { begun, ask };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 1));

test('who asks during a run shares the next one with all others who wait', async () => {
  const { begun, ask } = controlled();
  const answers = [ask()];
  await settled();
  answers.push(ask(), ask(), ask());
  expect(begun).toHaveLength(1);
  begun[0]?.(1);
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  const later = ask();
  begun[1]?.(2);
  await vi.waitFor(() => expect(begun).toHaveLength(3));
  begun[2]?.(3);
  expect(await Promise.all(answers)).toEqual([1, 2, 2, 2]);
  expect(await later).toBe(3);
});

test('#118 who asked before a run began shares it, however late the question comes; who asked later does not', async () => {
  const { begun, ask } = controlled();
  const askedAt = performance.now();
  await settled();
  const first = ask();
  expect(await Promise.all([ask('key', askedAt), first, begun[0]?.(1)])).toEqual([1, 1, undefined]);
  expect(await ask('key', askedAt)).toBe(1);
  expect(begun).toHaveLength(1);
  const later = ask();
  expect(begun).toHaveLength(2);
  begun[1]?.(2);
  expect([await later, await ask('key', askedAt)]).toEqual([2, 2]);
  expect(begun).toHaveLength(2);
});

test('#118 runs that are asked for before the last one ended are one burst, for a while; each hears what the one before it answered', async () => {
  const heard: (number | null)[] = [];
  const once = singleFlight<number>(KEPT_MS);
  const ask = (askedAt = performance.now()) =>
    once('key', askedAt, async (before) => {
      heard.push(before);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return heard.length;
    });
  const first = ask();
  await settled();
  const second = ask();
  await first;
  const overlapping = performance.now();
  await second;
  await ask(overlapping);
  await settled();
  await ask();
  expect(heard).toEqual([null, 1, 2, null]);

  const began = performance.now();
  let running = ask();
  while (performance.now() - began < 3 * KEPT_MS) {
    await settled();
    const next = ask();
    await running;
    running = next;
  }
  await running;
  expect(heard.slice(4).filter((before) => before === null).length).toBeGreaterThan(1);
});

test('an answer is not kept for longer than a question may take', async () => {
  const { begun, ask } = controlled();
  const askedAt = performance.now();
  void ask('key', askedAt);
  begun[0]?.(1);
  const asked = () => {
    void ask('key', askedAt);
    return begun.length;
  };
  await expect.poll(asked).toBe(2);
});

test('a run that fails fails for those who share it, and the next ones are tried', async () => {
  const once = singleFlight<number>(KEPT_MS);
  let runs = 0;
  const ask = () => once('key', performance.now(), async () => (runs++ === 0 ? Promise.reject(new Error('no')) : runs));
  const first = ask();
  const refused = expect(first).rejects.toThrow('no');
  await settled();
  const second = ask();
  await refused;
  expect(await second).toBe(2);
  await settled();
  expect(await ask()).toBe(3);
});

test('other keys do not wait', async () => {
  const { begun, ask } = controlled();
  const answers = [ask('a'), ask('b')];
  expect(begun).toHaveLength(2);
  begun[0]?.(1);
  begun[1]?.(2);
  expect(await Promise.all(answers)).toEqual([1, 2]);
});
