import { describe, expect, test } from 'vitest';
import { parseFields, readForm } from './form.ts';
import { hasMemberTwice, readJson } from './json.ts';
import { isPrefetch } from './reply.ts';

const form = (body: string | Uint8Array<ArrayBuffer>, type = 'application/x-www-form-urlencoded') =>
  new Request('http://x/', { method: 'POST', body, headers: { 'content-type': type } });

describe('form fields', () => {
  test('a name that comes twice has no value and is named', () => {
    const fields = parseFields('a=1&b=2&a=3');
    expect(fields.ok && [fields.value.get('a'), fields.value.get('b'), [...fields.value.repeated]]).toEqual([
      undefined,
      '2',
      ['a'],
    ]);
  });
  test('an empty value is an absent one', () => {
    const fields = parseFields('a=&b');
    expect(fields.ok && [fields.value.get('a'), fields.value.get('b')]).toEqual([undefined, undefined]);
  });
  test.each(['a=%zz', 'a=%', 'a=%ff', 'a=%00', '%c0%af=1', 'a&'.repeat(101)])(
    '#84 %s is malformed, never thrown',
    (text) => {
      expect(parseFields(text)).toEqual({ ok: false, reason: 'malformed' });
    },
  );
  test('names of Object.prototype are names like any other', () => {
    const fields = parseFields('__proto__=1&constructor=2');
    expect(fields.ok && [fields.value.get('__proto__'), fields.value.get('toString')]).toEqual(['1', undefined]);
  });
  test.each(['', 'application/json', 'multipart/form-data; boundary=x', 'applicationx/www-form-urlencoded'])(
    '#84 the content type "%s" is the wrong one',
    async (type) => {
      expect(await readForm(form('a=1', type), 100)).toEqual({ ok: false, reason: 'wrong_type' });
    },
  );
  test('a charset parameter changes nothing', async () => {
    const fields = await readForm(form('a=%C3%A9', 'Application/X-WWW-Form-Urlencoded; charset=UTF-8'), 100);
    expect(fields.ok && fields.value.get('a')).toBe('é');
  });
  test('a body past the limit is refused, with and without a length', async () => {
    expect(await readForm(form('a'.repeat(101)), 100)).toEqual({ ok: false, reason: 'too_large' });
    const stream = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 5; part++) controller.enqueue(new Uint8Array(30));
        controller.close();
      },
    });
    const chunked = new Request('http://x/', {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    } as RequestInit);
    expect(await readForm(chunked, 100)).toEqual({ ok: false, reason: 'too_large' });
  });
  test('bytes that are not UTF-8 are unreadable', async () => {
    expect(await readForm(form(new Uint8Array([0x61, 0x3d, 0xff])), 100)).toEqual({ ok: false, reason: 'unreadable' });
  });
  test('#64 a parameter in both query and body has come twice', async () => {
    const fields = await readForm(form('a=1'), 100, 'a=1');
    expect(fields.ok && [...fields.value.repeated]).toEqual(['a']);
  });
});

describe('JSON bodies', () => {
  test.each([
    ['{"a":1,"a":2}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['{"a":{"b":1},"c":{"b":2}}', false],
    ['{"a":"x\\"a\\":","b":["a","a"]}', false],
    ['[{"a":1},{"a":1}]', false],
  ])('#13 %s names a member twice: %s', (text, twice) => {
    expect(hasMemberTwice(text)).toBe(twice);
  });
  test.each(['{', '', '{"a":1,"a":1}'])('#13 %s is malformed', async (text) => {
    expect(await readJson(form(text, 'application/json'), 100)).toEqual({ ok: false, reason: 'malformed' });
  });
  test('deep nesting is only as deep as the size allows', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    expect((await readJson(form(deep, 'application/json'), 65_536)).ok).toBe(true);
  });
});

test.each([
  ['sec-purpose', 'prefetch;prerender'],
  ['purpose', 'prefetch'],
  ['x-moz', 'prefetch'],
])('field note C28: %s: %s only looks ahead', (name, value) => {
  expect(isPrefetch(new Request('http://x/', { headers: { [name]: value } }))).toBe(true);
  expect(isPrefetch(new Request('http://x/'))).toBe(false);
});
