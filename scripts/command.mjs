/** Runs one of the commands in server/commands, such as `npm run soak`, with the pinned Node. */
import './node-version.mjs';
import { bootstrap } from './bootstrap.mjs';
import { at, modernEnvironment, modernNode } from './places.mjs';
import { run, script } from './run.mjs';

const [name, ...parameters] = process.argv.slice(2);

await script(async () => {
  await bootstrap();
  const { ok } = await run(modernNode(), [at(`server/commands/${name}.ts`), ...parameters], {
    env: modernEnvironment(),
    show: true,
  });
  process.exitCode = ok ? 0 : 1;
});
