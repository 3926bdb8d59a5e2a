/** Builds the single-page application when something that it is made of changed. */
import { at, modernEnvironment, modernNode } from './places.mjs';
import { step } from './run.mjs';
import { unlessUnchanged } from './unchanged.mjs';

export async function buildSite() {
  const depends = {
    inputs: ['web', 'server/schema.graphql', 'tsconfig.base.json', 'pnpm-lock.yaml'],
    outputs: ['web/dist/index.html'],
  };
  await unlessUnchanged('site', depends, async () => {
    const { NODE_ENV: _, ...environment } = modernEnvironment(); // else a developer's NODE_ENV decides what visitors get
    await step('Building the pages', modernNode(), [at('web/node_modules/vite/bin/vite.js'), 'build'], {
      cwd: at('web'),
      env: environment,
    });
  });
}
