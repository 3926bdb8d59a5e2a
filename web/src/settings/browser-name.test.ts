import { expect, test } from 'vitest';
import { browserName } from './browser-name.ts';

test('the browsers that people have are told apart', () => {
  const agents: [string | null, string | undefined][] = [
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      'Chrome on Linux',
    ],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on macOS'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Mobile Safari/604',
      'Safari on iOS',
    ],
    ['curl/8.0', undefined],
    [null, undefined],
  ];
  for (const [agent, name] of agents) expect(browserName(agent)).toBe(name);
});
