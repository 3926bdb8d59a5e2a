import { expect, test } from 'vitest';
import { singleFlight } from './single-flight.ts';

function controlled() {
  const begun: ((value: number) => void)[] = [];
  const once = singleFlight<number>();
  const ask = (key = 'key') => once(key, () => new Promise((resolve) => begun.push(resolve)));
  return { begun, ask };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('who asks during a run shares the next one with all others who wait', async () => {
  const { begun, ask } = controlled();
  const answers = [ask(), ask(), ask(), ask()];
  expect(begun).toHaveLength(1);
  begun[0]?.(1);
  await settled();
  expect(begun).toHaveLength(2);
  const later = ask();
  begun[1]?.(2);
  await settled();
  begun[2]?.(3);
  expect(await Promise.all(answers)).toEqual([1, 2, 2, 2]);
  expect(await later).toBe(3);
});

test('a run that fails fails for those who share it, and the next ones are tried', async () => {
  const once = singleFlight<number>();
  let runs = 0;
  const ask = () => once('key', async () => (runs++ === 0 ? Promise.reject(new Error('no')) : runs));
  const [first, second] = [ask(), ask()];
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe(2);
  expect(await ask()).toBe(3);
});

test('other keys do not wait, and nothing is remembered', async () => {
  const { begun, ask } = controlled();
  const answers = [ask('a'), ask('b')];
  expect(begun).toHaveLength(2);
  begun[0]?.(1);
  begun[1]?.(2);
  expect(await Promise.all(answers)).toEqual([1, 2]);
  void ask('a');
  expect(begun).toHaveLength(3);
});
