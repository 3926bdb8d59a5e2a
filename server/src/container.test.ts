/** The container and its compose file: settings that exist, no rights, nothing to write to. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig, unknownSettings } from './config.ts';

const ROOT = join(import.meta.dirname, '../..');
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const compose = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');

it('every setting that they name is one', () => {
  const names = [...`${dockerfile}\n${compose}`.matchAll(/\b(GRANTWAY_[A-Z_]+)\s*[=:]/g)].map(
    ([, name]) => name as string,
  );
  expect(names.length).toBeGreaterThan(5);
  expect(unknownSettings(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
});

it('#294 every package is fixed by its digest, comes from a registry, and runs no script that is not named', () => {
  const lock = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8');
  const resolutions = lock.match(/^ {4}resolution: .*$/gm) ?? [];
  expect(resolutions.length).toBeGreaterThan(300);
  expect(resolutions.filter((one) => !/^ {4}resolution: \{integrity: sha512-[A-Za-z0-9+/]{86}==\}$/.test(one))).toEqual(
    [],
  );
  const workspace = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
  expect(workspace).toMatch(/^onlyBuiltDependencies:$/m);
  expect(dockerfile).toContain('--frozen-lockfile');
});

it('what compose leaves empty is as if it were absent', () => {
  expect(readConfig({ GRANTWAY_TRUST_PROXY: '', GRANTWAY_PLANES: 'gateway' }).trustProxy).toEqual([]);
});

it('what runs is not root, writes to a volume and to /tmp alone, has no capability, and is asked whether it is ready', () => {
  const [, run = ''] = dockerfile.split(/^FROM .*$/m).slice(-2);
  expect(run).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  expect(run).toMatch(/^VOLUME \/data$/m);
  expect(run).toContain('/health/ready');
  const entry = /CMD \["node", "([^"]+)"\]\s*$/.exec(dockerfile)?.[1] ?? '';
  expect(existsSync(join(ROOT, entry)), entry).toBe(true);
  for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true', 'tmpfs: [/tmp]']) {
    expect(compose).toContain(line);
  }
});
