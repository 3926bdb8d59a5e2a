/** Which names can be told from others by looking at them, and what is left of a stranger's text. */
import { expect, test } from 'vitest';
import { readName, shownLine } from './shown-text.ts';

test.each(['', '   ', '\u200b', '\u202e\u2066', '\u00ad', '\u3164', '\u2800', '\ufe0f', '\u{e0041}', '\ufeff'])(
  'what cannot be seen is no name: %j',
  (text) => {
    expect(readName(text, 'Give it a name.')).toEqual({ ok: false, reason: 'Give it a name.' });
    expect(shownLine(text, 80)).toBe('');
  },
);

test.each(['abc\u202egpj.exe', 'a\nb', 'a\u2028b', 'Bo\u200bb', 'a\u0000b', '\u061cab', 'B\u00adob', 'x\u2060y'])(
  'what reads otherwise than it is written is refused: %j',
  (text) => expect(readName(text, 'Give it a name.')).toMatchObject({ reason: expect.stringMatching(/one line/) }),
);

// With the joiners that Persian and families need, and the tags that some flags are made of.
test.each(['شركة الاختبار', 'می‌خواهم', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 England', 'O’Neil & Söhne', '株式会社', 'é'])(
  'what people are called stays as it is: %j',
  (text) => {
    expect(readName(` ${text} `, '')).toEqual({ ok: true, value: text });
    expect(shownLine(text, 80)).toBe(text);
  },
);

test('characters are counted, not what they are stored in', () => {
  expect(readName('😀'.repeat(80), '')).toMatchObject({ ok: true });
  expect(readName('😀'.repeat(81), '')).toMatchObject({ ok: false });
  expect(shownLine('😀'.repeat(81), 80)).toBe(`${'😀'.repeat(79)}…`);
});

test('of a stranger’s text what misleads becomes a space', () => {
  expect(shownLine(' Goo\u202egle\n\u0000<b>\ud800 ', 80)).toBe('Goo gle <b>\ufffd');
});
