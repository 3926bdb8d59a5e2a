/** When prepared statements have names, and what becomes of one that a pooler lost. */
import { expect, test } from 'vitest';
import { openLog } from './log.ts';
import { openNames } from './statement-names.ts';

const lost = (code: string) => Object.assign(new Error('lost'), { code });

for (const code of ['26000', '42P05']) {
  test(`a statement that a pooler does not carry (${code}) runs once more without a name, and all after it do`, async () => {
    const named = openNames(openLog('silent'));
    const names: string[] = [];
    const run = async (name: string) => {
      names.push(name);
      if (names.length === 2) throw lost(code);
      return name;
    };
    for (let n = 0; n < 3; n++) await named('one', 'SELECT 1', run);
    expect(names).toEqual([names[0], names[0], '', '']);
    expect(names[0]).toMatch(/^one-[0-9a-f]{8}$/);
  });
}

test('a statement fails as it would without names, and keeps its name', async () => {
  const named = openNames(openLog('silent'));
  await expect(named('one', 'SELECT 1', async () => Promise.reject(lost('23505')))).rejects.toThrow('lost');
  expect(await named('one', 'SELECT 1', async (name) => name)).not.toBe('');
});

test('the same name for another text is another name', async () => {
  const [earlier, later] = await Promise.all(
    ['SELECT 1', 'SELECT 2'].map((text) => openNames(openLog('silent'))('one', text, async (name) => name)),
  );
  expect(earlier).not.toBe(later);
});
