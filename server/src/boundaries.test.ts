/** The house rules that a compiler does not know: who may import whom, and why not. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SOURCE = import.meta.dirname;

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(SOURCE, path), 'utf8') }));
const production = files.filter(({ path }) => !path.includes('.test.') && !path.startsWith('testing/'));

const importsOf = (file: { path: string; text: string }): string[] =>
  [...file.text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, specifier]) =>
    relative(SOURCE, resolve(SOURCE, dirname(file.path), specifier as string)),
  );

/** Folder → what it may import besides itself, and why the rest would be wrong. */
const MAY_IMPORT: Record<string, { from: string[]; because: string }> = {
  platform: { from: [], because: 'it is readable alone: it knows nothing of OAuth or MCP' },
  'core/audit': { from: ['platform'], because: 'a record that knew the deeds it records would become a hub' },
  'core/grants': {
    from: ['platform', 'core/audit'],
    because: 'revocation must not depend on what it ends: it reaches their rows through tx, never their code',
  },
  'core/tokens': {
    from: ['platform', 'core/audit', 'core/grants'],
    because: 'callers pass ids: a token knows no client',
  },
  'core/connections': {
    from: ['platform', 'core/audit', 'core/grants'],
    because: 'connections and clients meet in a grant, nowhere else',
  },
  'core/clients': {
    from: ['platform', 'core/audit', 'core/grants'],
    because: 'connections and clients meet in a grant, nowhere else',
  },
  'core/people': {
    from: ['platform', 'core/audit', 'core/grants', 'core/connections'],
    because: 'a leaver takes their instances along, and nothing of clients',
  },
  'core/providers': {
    from: ['platform', 'core/audit', 'core/grants', 'core/connections'],
    because: 'an upstream credential has nothing to do with our tokens',
  },
  'core/authorizations': {
    from: [
      'platform',
      'core/audit',
      'core/grants',
      'core/tokens',
      'core/connections',
      'core/clients',
      'core/people',
      'core/providers',
    ],
    because: 'it runs under GraphQL and HTTP alike',
  },
  'control/sign-in': {
    from: ['platform', 'core'],
    because: 'sibling doors of the control plane do not lean on each other',
  },
  'control/oauth': {
    from: ['platform', 'core'],
    because: 'sibling doors of the control plane do not lean on each other',
  },
  'control/provider': {
    from: ['platform', 'core'],
    because: 'sibling doors of the control plane do not lean on each other',
  },
  'control/graphql': {
    from: ['platform', 'core'],
    because: 'sibling doors of the control plane do not lean on each other',
  },
  'control/site': {
    from: ['platform', 'core'],
    because: 'sibling doors of the control plane do not lean on each other',
  },
  gateway: { from: ['platform', 'core'], because: 'the planes meet in core, so that either runs alone' },
};

const folderOf = (path: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];

describe('imports go down only', () => {
  for (const [folder, { from, because }] of Object.entries(MAY_IMPORT)) {
    test(`${folder} imports only ${from.join(', ') || 'itself'}, because ${because}`, () => {
      const wrong = production
        .filter(({ path }) => folderOf(path) === folder)
        .flatMap((file) =>
          importsOf(file)
            .filter((target) => ![folder, ...from].some((allowed) => target.startsWith(`${allowed}/`)))
            // The frozen Config is data that anyone may be handed; its type alone is named.
            .filter((target) => target !== 'config.ts' || folder === 'platform' || folder.startsWith('core'))
            .map((target) => `${file.path} → ${target}`),
        );
      expect(wrong).toEqual([]);
    });
  }

  test('every file lives in a folder of the table, or is the composition', () => {
    const composition = [
      'app.ts',
      'config.ts',
      'config-issuer.ts',
      'config-people.ts',
      'config-tracing.ts',
      'housekeeping.ts',
      'main.ts',
      'start-fault.ts',
    ];
    expect(production.map(({ path }) => path).filter((path) => !folderOf(path) && !composition.includes(path))).toEqual(
      [],
    );
  });
});

const holders = (pattern: RegExp): string[] =>
  production.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

test('only platform/transact.ts opens a transaction', () => {
  // The schema engine and the embedded adapter speak to the driver below Prisma.
  expect(holders(/\$transaction\(/)).toEqual(['platform/transact.ts']);
});

test('only core/grants writes a grant row', () => {
  const writes = /oAuthGrant\.(create|update|delete|upsert)|(UPDATE|INTO|DELETE FROM)\s+"?oauth_grant"?\s/;
  expect(holders(writes).filter((path) => !path.startsWith('core/grants/'))).toEqual([]);
});

test('only platform/seal.ts touches ciphertext', () => {
  expect(holders(/CompactEncrypt|compactDecrypt|createCipher|createDecipher/)).toEqual(['platform/seal.ts']);
});

test('only tests import testing/', () => {
  expect(
    production
      .filter((file) => importsOf(file).some((target) => target.startsWith('testing/')))
      .map(({ path }) => path),
  ).toEqual([]);
});

test('every file opens with one sentence that says what it is', () => {
  expect(production.filter(({ text }) => !/^\/\*\*[\s\S]*?\*\//.test(text)).map(({ path }) => path)).toEqual([]);
});

test('there are no drawers', () => {
  expect(
    files
      .map(({ path }) => path)
      .filter((path) => /(^|\/)(utils?|helpers?|misc|common|shared|lib|types)(\/|\.)/.test(path)),
  ).toEqual([]);
});

test('no file is longer than 250 lines', () => {
  expect(production.filter(({ text }) => text.split('\n').length > 251).map(({ path }) => path)).toEqual([]);
});
