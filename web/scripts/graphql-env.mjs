// Writes the types that gql.tada reads from the committed schema; with --check it only says whether they are current.
// The gql.tada command line needs the compiler API that TypeScript 7 no longer has; its library part does not.
import { readFileSync, writeFileSync } from 'node:fs';
import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';

const source = new URL('../../server/schema.graphql', import.meta.url);
const target = new URL('../src/graphql/graphql-env.d.ts', import.meta.url);

const schema = buildSchema(readFileSync(source, 'utf8'));
const introspection = minifyIntrospection(introspectionFromSchema(schema, { descriptions: false }));
const text = `${outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true })}\n`;

if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(target, 'utf8');
  } catch {
    // A missing file is a file that is not current.
  }
  if (current !== text) {
    console.error(
      'web/src/graphql/graphql-env.d.ts is not what server/schema.graphql says: run `node web/scripts/graphql-env.mjs`.',
    );
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
