/** Three kinds of tests: pure ones, those with a database (run on the embedded one and on PostgreSQL), and races (PostgreSQL only). */
import { defineConfig } from 'vitest/config';

const PURE = ['src/**/*.test.ts'];
const WITH_DATABASE = ['src/**/*.db.test.ts'];
const RACES = ['{src,bench}/**/*.race.test.ts'];

// As Node resolves: Vite would take graphql's development build for our files, while its dependants get the ordinary one.
const AS_NODE = ['node', 'module-sync'];

export default defineConfig({
  ssr: { resolve: { conditions: AS_NODE, externalConditions: AS_NODE } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest leaves one processor free, which of two is half; many tests wait for something, a killed process or a clock.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'unit', include: PURE, exclude: [...WITH_DATABASE, ...RACES] }, extends: true },
      { test: { name: 'embedded', include: WITH_DATABASE, globalSetup: 'src/testing/embedded.ts' }, extends: true },
      {
        test: { name: 'postgres', include: [...WITH_DATABASE, ...RACES], globalSetup: 'src/testing/postgres.ts' },
        extends: true,
      },
    ],
  },
});
