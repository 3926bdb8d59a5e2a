/** A text that cannot be kept is refused by the name of the field that it stands in. */
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { refuseOddText } from './odd-text.ts';

const schema = buildSchema(`
  input Header { name: String! value: String! }
  input Create { name: String! headers: [Header!] }
  type Query { it(input: Create, search: String): Boolean }
`);
const said = (document: string, variables: unknown = {}): string[] =>
  validate(schema, parse(document), [refuseOddText(variables)]).map(({ message }) => message);
const BY_VARIABLE = 'query($input: Create) { it(input: $input) }';
const HALF = String.fromCharCode(0xd800);

test.each<[string, string, unknown, string]>([
  ['a variable', BY_VARIABLE, { input: { name: 'a\0b' } }, 'input.name'],
  ['a list', BY_VARIABLE, { input: { name: 'a', headers: [{ name: 'ok', value: HALF }] } }, 'input.headers.0.value'],
  ['an argument', 'query { it(search: "\\u0000") }', {}, 'search'],
  ['a field of an argument', 'query { it(input: { name: "a\\u0000" }) }', {}, 'input.name'],
  ['a name that is odd itself', BY_VARIABLE, { '<b>': 'a\0' }, 'A text'],
])('%s: it says where, and what to do', (_name, document, variables, where) => {
  expect(said(document, variables)).toEqual([
    `${where} holds something that is no character (NUL, or half of a surrogate pair). Take it out, and send the rest again.`,
  ]);
});

test('texts of every script and emoji are let through, and depth harms nobody', () => {
  expect(said('query { it(search: "naïve 漢字 👩‍💻") }', { input: { name: '👩‍💻' } })).toEqual([]);
  let deep: unknown = 'a\0';
  for (let index = 0; index < 100_000; index++) deep = [deep];
  expect(said(BY_VARIABLE, { deep })).toHaveLength(1);
});
