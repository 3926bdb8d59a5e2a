import { defineConfig } from 'prisma/config';

/** Where the schema and its migrations live. The server applies migrations itself; this is for `prisma generate`. */
export default defineConfig({ schema: 'schema.prisma', migrations: { path: 'migrations' } });
