/** Runs one command to its end: its output is shown as it comes, or kept and shown only if it fails. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { whenAskedToLeave } from './leave.mjs';
import { ROOT } from './places.mjs';

/** A failure that one line explains. */
export class Refusal extends Error {}

/**
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, timeout?: number }} RunOptions
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, { cwd = ROOT, env = process.env, show = false, timeout } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      timeout,
      detached: true, // its own group: a terminal's Ctrl-C comes through us, once
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    const stopListening = leaveWith(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => {
      stopListening();
      resolve({ ok: false, output: `${output}${error.message}\n` });
    });
    child.on('close', (code, signal) => {
      stopListening();
      resolve({ ok: code === 0, output: signal === null ? output : `${output}(ended by ${signal})\n` });
    });
  });
}

/**
 * A step that people wait for: one line when it starts, one when it is done, everything it said when it fails.
 *
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export async function step(title, command, args, options) {
  const started = Date.now();
  console.log(`${title} ...`);
  const { ok, output } = await run(command, args, options);
  if (!ok) {
    process.stderr.write(output);
    throw new Refusal(`Failed: ${title}.`);
  }
  console.log(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * Runs a whole script; a refusal ends it with its one line, anything unexpected with its stack.
 *
 * @param {() => Promise<void>} script
 */
export async function script(script) {
  try {
    await script();
  } catch (error) {
    console.error(error instanceof Refusal ? error.message : error);
    process.exit(1);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function leaveWith(child) {
  /** @param {NodeJS.Signals} signal */
  const send = (signal) => {
    try {
      process.kill(-(/** @type {number} */ (child.pid)), signal); // the whole group: npx starts pnpm, which starts more
    } catch {
      // it is gone already
    }
  };
  return whenAskedToLeave({
    leave: (signal) => {
      child.once('close', () => process.exit(128 + constants.signals[signal]));
      send(signal);
    },
    now: () => send('SIGKILL'),
  });
}
