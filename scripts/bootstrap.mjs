/** Brings a bare clone to where everything can run: packages, the pinned Node, the generated database client. */
import './node-version.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { at, modernEnvironment, modernNode } from './places.mjs';
import { Refusal, script, step } from './run.mjs';
import { unlessUnchanged } from './unchanged.mjs';

const WORKSPACES = ['server', 'web', 'prisma', 'e2e'];

export async function bootstrap() {
  await installPackages();
  await generateDatabaseClient();
}

async function installPackages() {
  const { packageManager } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const depends = {
    inputs: [
      'package.json',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      ...WORKSPACES.map((name) => `${name}/package.json`),
    ],
    outputs: ['node_modules/node/bin/node', ...WORKSPACES.map((name) => `${name}/node_modules`)],
    also: `${process.platform} ${process.arch}`, // a folder shared with another machine holds the wrong binaries
  };
  await unlessUnchanged('packages', depends, async () => {
    if (!existsSync(at('node_modules'))) console.log('The first time takes a minute or two.');
    await step('Installing packages', 'npx', ['--yes', packageManager, ...INSTALL], {
      env: installEnvironment(),
    });
    if (!existsSync(at('node_modules/node/bin/node'))) {
      throw new Refusal('The packages are installed, but the pinned Node is missing: its install script did not run.');
    }
  });
}

/** Install scripts run for the few packages named in pnpm-workspace.yaml; without them there is no pinned Node. */
const INSTALL = [
  'install',
  '--frozen-lockfile',
  '--prod=false',
  '--config.ignore-scripts=false',
  '--reporter=append-only',
];

/** `npm start` passes npm's own settings down; those that say what to install, and where, are about npm and not about this. */
function installEnvironment() {
  const { NODE_ENV: _, NODE_PATH: __, ...environment } = process.env;
  // Else `node` may mean the one in node_modules, which this very install may replace.
  environment.PATH = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  for (const name of Object.keys(environment)) {
    if (ABOUT_THE_OUTER_NPM.test(name)) delete environment[name];
  }
  return environment;
}

const ABOUT_THE_OUTER_NPM =
  /^npm_(?!config_)|^npm_config_(user_agent|npm_version|node_gyp|nodedir|init_module|local_prefix|global_prefix|prefix|global|location|omit|include|production|only|dev|optional|ignore_scripts|allow_scripts|dry_run|workspace|workspaces|package|call|yes|loglevel|json|frozen_lockfile|audit|fund|update_notifier)$/i;

async function generateDatabaseClient() {
  const depends = {
    inputs: ['prisma/schema.prisma', 'prisma/prisma.config.ts', 'prisma/package.json', 'pnpm-lock.yaml'],
    outputs: ['prisma/generated'],
  };
  await unlessUnchanged('database-client', depends, async () => {
    await step(
      'Generating the database client',
      modernNode(),
      [at('prisma/node_modules/prisma/build/index.js'), 'generate'],
      {
        cwd: at('prisma'),
        env: {
          ...modernEnvironment(at('prisma/node_modules/.bin')), // where Prisma finds its generators
          // Generating needs no engine, but Prisma downloads one unless it is told that there is one already.
          PRISMA_SCHEMA_ENGINE_BINARY: modernNode(),
          PRISMA_HIDE_UPDATE_MESSAGE: 'true',
          CHECKPOINT_DISABLE: '1',
        },
      },
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await script(bootstrap);
