/** The schema as text, sorted: `node src/control/graphql/print.ts` writes it to server/schema.graphql. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

export const SCHEMA_FILE = join(import.meta.dirname, '../../../schema.graphql');

export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`;

if (import.meta.main) writeFileSync(SCHEMA_FILE, printedSchema());
