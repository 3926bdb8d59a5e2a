/** Questions that share round trips: who goes with whom, when, and what becomes of them when one fails. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { openBatched } from './batched.ts';

/** Round trips that end when they are told to. */
function hold() {
  const sent: { questions: number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const ask = (questions: number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      sent.push({ questions, answer: () => resolve(questions.map((question) => question * 10)), fail: reject });
    });
  return { sent, ask, batches: () => sent.map(({ questions }) => questions) };
}

describe('questions of one moment', () => {
  it('go together, in parts of the limit, and each gets its own answer', async () => {
    const { sent, ask, batches } = hold();
    const one = openBatched({ limit: 2 }, ask);
    const answers = Promise.all([1, 2, 3].map(one));
    expect(sent).toHaveLength(0);
    await turn();
    expect(batches()).toEqual([[1, 2], [3]]);
    for (const { answer } of sent) answer();
    expect(await answers).toEqual([10, 20, 30]);
  });

  it('never join a round trip that has begun: it may have looked already', async () => {
    const { sent, ask, batches } = hold();
    const one = openBatched({ limit: 9, lanes: 1 }, ask);
    const first = one(1);
    await turn();
    const later = [one(2), one(3)];
    await turn();
    expect(batches()).toEqual([[1]]);
    sent[0]?.answer();
    expect(await first).toBe(10);
    await turn();
    expect(batches()).toEqual([[1], [2, 3]]);
    sent[1]?.answer();
    expect(await Promise.all(later)).toEqual([20, 30]);
  });

  it('go beside a round trip under way only when they are enough, and after it however few they are', async () => {
    const { sent, ask, batches } = hold();
    const one = openBatched({ limit: 9, lanes: 2, enough: 2 }, ask);
    const answers = [one(1)];
    await turn();
    answers.push(one(2));
    await turn();
    expect(batches()).toEqual([[1]]);
    answers.push(one(3));
    await turn();
    expect(batches()).toEqual([[1], [2, 3]]);
    answers.push(one(4));
    for (const { answer } of sent) answer();
    await turn();
    await turn();
    expect(batches()).toEqual([[1], [2, 3], [4]]);
    sent[2]?.answer();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40]);
  });

  it('do not wait behind a round trip that waits for something, and its end frees no second lane', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { sent, ask, batches } = hold();
      const one = openBatched({ limit: 9, lanes: 1, slowMs: 20 }, ask);
      const [slow, next] = [one(1), turn().then(() => one(2))];
      await turn();
      await turn();
      expect(batches()).toEqual([[1]]);
      vi.advanceTimersByTime(20);
      await turn();
      expect(batches()).toEqual([[1], [2]]);
      sent[0]?.answer();
      expect(await slow).toBe(10);
      const third = one(3);
      await turn();
      expect(batches()).toEqual([[1], [2]]);
      sent[1]?.answer();
      expect(await next).toBe(20);
      await turn();
      expect(batches()).toEqual([[1], [2], [3]]);
      sent[2]?.answer();
      expect(await Promise.all([next, third])).toEqual([20, 30]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('wait for company only where the last ones had some', async () => {
    const { sent, ask, batches } = hold();
    const one = openBatched({ limit: 9, lanes: 1, turns: 2 }, ask);
    const first = [one(1), one(2)];
    await turn();
    sent[0]?.answer();
    expect(await Promise.all(first)).toEqual([10, 20]);
    const second = [one(3)];
    await turn();
    second.push(one(4));
    await turn();
    expect(batches()).toEqual([[1, 2]]);
    await turn();
    expect(batches()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    sent[1]?.answer();
    await Promise.all(second);
    for (let turns = 0; turns < 3; turns++) await turn();
    const alone = one(5);
    for (let turns = 0; turns < 3; turns++) await turn();
    sent[2]?.answer();
    expect(await alone).toBe(50);
    const next = one(6);
    await turn();
    expect(batches().at(-1)).toEqual([6]);
    sent[3]?.answer();
    expect(await next).toBe(60);
  });

  it('fail together, and the next ones are asked', async () => {
    const { sent, ask } = hold();
    const one = openBatched({ limit: 9, lanes: 1 }, ask);
    const both = Promise.allSettled([one(1), one(2)]);
    await turn();
    sent[0]?.fail(new Error('away'));
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = one(3);
    await turn();
    sent[1]?.answer();
    expect(await again).toBe(30);
  });
});
