/** `npm run lint`, and with --write `npm run format`: Biome over the whole repository. */
import './node-version.mjs';
import { bootstrap } from './bootstrap.mjs';
import { at, modernNode } from './places.mjs';
import { run, script } from './run.mjs';

await script(async () => {
  await bootstrap();
  const { ok } = await run(
    modernNode(),
    [at('node_modules/@biomejs/biome/bin/biome'), 'check', ...process.argv.slice(2)],
    { show: true },
  );
  process.exit(ok ? 0 : 1);
});
