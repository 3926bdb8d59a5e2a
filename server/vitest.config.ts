/** Three kinds of tests: pure ones, those with a database (run on the embedded one and on PostgreSQL), and races (PostgreSQL only). */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const PURE = ['src/**/*.test.ts'];
const WITH_DATABASE = ['src/**/*.db.test.ts'];
const RACES = ['{src,bench}/**/*.race.test.ts'];

/** What takes long begins first: at the end one of them would keep a single processor busy. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => /fuzz|lives/.test(moduleId);
    return (await super.sort(files)).sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest leaves one processor free, which of two is half; many tests wait for something, a killed process or a clock.
    maxWorkers: '100%',
    // A file finds the modules of those before it: each has a database of its own, and what it sets besides it takes back.
    isolate: false,
    // Each embedded database lives for seconds: V8 would spend more on making its WebAssembly fast than a fast one would save.
    execArgv: ['--wasm-tiering-budget=1000000000'],
    // As in production: Node itself loads the modules, and finds what it has compiled.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: LongFirst },
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
