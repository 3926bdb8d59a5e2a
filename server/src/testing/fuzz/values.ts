/** What strangers send: text that is nothing, text that is nearly right, and text that breaks things elsewhere. */
import fc from 'fast-check';

/** Known to break parsers, databases, URLs and terminals. */
const NASTY = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\udfff\ud800',
  '%',
  '%00',
  '%zz',
  '%ed%a0%80',
  '%c0%ae',
  '..%2f..%2f',
  '/../',
  '\\',
  '//evil.example',
  'null',
  'undefined',
  'true',
  '-1',
  '1e400',
  'NaN',
  '[]',
  '{}',
  '[object Object]',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '#{7*7}',
  '\r\nSet-Cookie: a=b',
  '\u202eevil',
  '\uFEFF',
  'ﬀ',
  'İ',
  '😀',
  'a'.repeat(43),
  'x'.repeat(257),
  'x'.repeat(5_000),
  'é'.repeat(2_100),
];

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 80 }) },
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
);

type Edit = { at: number; how: 'cut' | 'drop' | 'twice' | 'case' | 'put' | 'swap'; what: string };

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  how: fc.constantFrom('cut', 'drop', 'twice', 'case', 'put', 'swap'),
  what: anyText,
});

function apply(text: string, { at, how, what }: Edit): string {
  const index = Math.floor(at * text.length);
  const char = text.charAt(index);
  switch (how) {
    case 'cut':
      return text.slice(0, index);
    case 'drop':
      return text.slice(0, index) + text.slice(index + 1);
    case 'twice':
      return text + text;
    case 'case':
      return (
        text.slice(0, index) +
        (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()) +
        text.slice(index + 1)
      );
    case 'put':
      return text.slice(0, index) + what + text.slice(index);
    case 'swap':
      return text.slice(0, index) + what + text.slice(index + 1);
  }
}

/** Values for a parameter that has these good ones: good, edited once or twice, or anything at all. */
export function near(...good: readonly string[]): fc.Arbitrary<string> {
  if (good.length === 0) return anyText;
  const right = fc.constantFrom(...good);
  return fc.oneof(
    { weight: 1, arbitrary: right },
    { weight: 4, arbitrary: fc.tuple(right, edit).map(([text, one]) => apply(text, one)) },
    { weight: 2, arbitrary: fc.tuple(right, edit, edit).map(([text, one, two]) => apply(apply(text, one), two)) },
    { weight: 4, arbitrary: anyText },
  );
}

/** Any JSON that a body may hold, with text that is not harmless. */
export const anyJson = fc.oneof(
  { weight: 3, arbitrary: anyText.map((text) => text as unknown) },
  { weight: 2, arbitrary: fc.array(anyText, { maxLength: 4 }) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 0, -1, 1e308, true, [], {}, [[]], [null], { toString: 1 }) },
);
