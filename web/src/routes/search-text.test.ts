// What is left of a search that anyone may have typed into the address: nothing that the server would refuse.
import { expect, test } from 'vitest';
import { MAX_SEARCH, searchText } from './search-text.ts';

test.each([
  [' tracker ', 'tracker'],
  [42, '42'],
  ['a\0b', 'ab'],
  ['\0', undefined],
  ['  ', undefined],
  [['a'], undefined],
  [undefined, undefined],
  ['x'.repeat(300), 'x'.repeat(MAX_SEARCH)],
  [`${'x'.repeat(MAX_SEARCH - 1)}😀`, 'x'.repeat(MAX_SEARCH - 1)],
])('%j', (typed, text) => expect(searchText(typed)).toBe(text));
