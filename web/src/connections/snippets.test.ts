import { describe, expect, test } from 'vitest';
import { serverName, shellWord, snippets } from './snippets.ts';

describe('the name that a client knows a connection by', () => {
  test.each([
    ['Issue tracker', 'issue-tracker'],
    ['  Zürich: Daten!  ', 'zurich-daten'],
    ['日本', 'grantway'],
    ['$(rm -rf ~)', 'rm-rf'],
    ['a'.repeat(80), 'a'.repeat(40)],
  ])('%s becomes %s', (name, expected) => {
    expect(serverName(name)).toBe(expected);
  });
});

describe('a word for a shell', () => {
  test('stays as it is where nothing in it is special', () => {
    expect(shellWord('http://localhost:4000/mcp-connect/user/a/b/c_D-9')).toBe(
      'http://localhost:4000/mcp-connect/user/a/b/c_D-9',
    );
  });
  test.each([
    ['', "''"],
    ['a b', "'a b'"],
    ['$(x)', "'$(x)'"],
    ["it's", "'it'\\''s'"],
    ['a;b', "'a;b'"],
  ])('%s is quoted', (word, expected) => {
    expect(shellWord(word)).toBe(expected);
  });
});

describe('snippets', () => {
  const codeOf = (url: string, client: string) =>
    snippets('Issue tracker', url)
      .find(({ id }) => id === client)
      ?.steps.map(({ code }) => code) ?? [];

  test('Claude Code gets one line', () => {
    expect(codeOf('https://g.example/mcp-connect/x', 'claude-code')[0]).toBe(
      'claude mcp add --transport http issue-tracker https://g.example/mcp-connect/x',
    );
  });
  test('settings are JSON', () => {
    const url = 'https://g.example/mcp-connect/x';
    expect(JSON.parse(codeOf(url, 'cursor')[0] ?? '')).toEqual({ mcpServers: { 'issue-tracker': { url } } });
    expect(JSON.parse(codeOf(url, 'vs-code')[1] ?? '')).toEqual({
      servers: { 'issue-tracker': { type: 'http', url } },
    });
  });
  test('mcp-remote is told to accept plain http away from this computer only', () => {
    expect(codeOf('http://10.0.0.1/x', 'mcp-remote')[0]).toBe('npx mcp-remote http://10.0.0.1/x --allow-http');
    expect(codeOf('http://localhost:4000/x', 'mcp-remote')[0]).toBe('npx mcp-remote http://localhost:4000/x');
  });
  test('Codex gets a name that its settings take, and a URL as TOML', () => {
    expect(codeOf('https://g.example/mcp-connect/x', 'codex')).toEqual([
      'codex mcp add issue-tracker --url https://g.example/mcp-connect/x',
      'codex mcp login issue-tracker',
      '[mcp_servers.issue-tracker]\nurl = "https://g.example/mcp-connect/x"',
    ]);
  });
  test('curl sends a body that is JSON', () => {
    const [, call] = codeOf('https://g.example/x', 'curl');
    expect(JSON.parse(/-d '(.*)'$/.exec(call ?? '')?.[1] ?? '')).toMatchObject({ method: 'initialize' });
  });
});
