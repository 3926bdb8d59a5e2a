import { expect, test } from 'vitest';
import { familyLabel } from './family-label.ts';

test.each([
  ['claude-code/2.1.0 (cli)', 'Claude Code'],
  ['Cursor/1.7.2 (darwin arm64)', 'Cursor'],
  ['Visual Studio Code/1.110.0', 'VS Code'],
  ['Claude-User/1.0', 'Claude'],
  ['node', 'node'],
  ['python-httpx/0.28.1', 'python-httpx'],
  ['evil\u202e\nname/1.0 x', 'evilname'],
  ['x'.repeat(500), 'x'.repeat(60)],
  ['', 'Unnamed'],
  [null, 'Unnamed'],
])('the User-Agent %.30s is called %s', (userAgent, label) => {
  expect(familyLabel(userAgent)).toBe(label);
});
