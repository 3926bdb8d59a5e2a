import { describe, expect, test } from 'vitest';
import { isAnswerTo, mayNavigateTo, redirectTarget } from './redirect-target.ts';

describe('where an answer goes', () => {
  test.each([
    ['https://client.example/cb?code=1', 'client.example', false],
    ['http://localhost:1234/cb', 'a program on this computer', true],
    ['http://127.3.2.1/cb', 'a program on this computer', true],
    ['http://[::1]:9/cb', 'a program on this computer', true],
    ['http://127.0.0.1.evil.example/cb', '127.0.0.1.evil.example', false],
    ['cursor://anysphere.cursor-mcp/cb', 'a program (cursor:)', true],
  ])('%s', (uri, place, toProgram) => {
    expect(redirectTarget(uri)).toEqual({ place, toProgram });
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'about:blank', 'no address'])(
    'is never %s',
    (uri) => {
      expect(mayNavigateTo(uri)).toBe(false);
    },
  );
  test('may be a private scheme', () => {
    expect(mayNavigateTo('com.example.app:/cb')).toBe(true);
  });

  test.each([
    ['http://127.0.0.1:7/cb?code=1', 'http://127.0.0.1:7/cb', true],
    ['cursor://anysphere.cursor-mcp/cb?code=1', 'cursor://anysphere.cursor-mcp/cb', true],
    ['https://provider.example/authorize?x=1', 'http://127.0.0.1:7/cb', false],
    ['https://client.example/other', 'https://client.example/cb', false],
  ])('%s answers %s: %s', (address, redirectUri, answers) => {
    expect(isAnswerTo(address, redirectUri)).toBe(answers);
  });
});
