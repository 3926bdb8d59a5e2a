/** Programs that open a browser on Linux and macOS, and open nothing: the browser is the test's. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { NODE } from '../fixtures/child.ts';

/** The environment of a command-line client whose home is `folder` and which finds these openers first. */
export function clientEnvironment(folder: string): Record<string, string> {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['open', 'xdg-open']) {
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n');
    chmodSync(join(bin, name), 0o755);
  }
  const { NODE_COMPILE_CACHE } = process.env;
  return {
    PATH: [bin, dirname(NODE), '/usr/bin', '/bin'].join(delimiter),
    HOME: folder,
    BROWSER: 'true',
    ...(NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}),
  };
}
