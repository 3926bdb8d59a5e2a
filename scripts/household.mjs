/** The processes of one command: they start one by one and stop all together, whatever the reason. */
import { spawn } from 'node:child_process';
import { whenAskedToLeave } from './leave.mjs';
import { at, modernEnvironment, modernNode } from './places.mjs';

const PATIENCE_MS = 12_000; // more than the 10 s that the gateway gives its open streams

/**
 * @typedef {{ name: string, exited: Promise<{ code: number | null, signal: string | null }>, running: boolean, said: () => string, stop: () => Promise<void>, kill: () => void }} Member
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, preload?: string[] }} MemberOptions
 */

export function household() {
  /** @type {Set<Member>} */
  const members = new Set();
  let leaving = false;

  async function stopAll() {
    leaving = true;
    await Promise.all([...members].map((member) => member.stop()));
  }

  whenAskedToLeave({
    leave: () => void stopAll().then(() => process.exit(0)),
    now: () => {
      for (const member of members) member.kill();
    },
  });

  return {
    stopAll,
    get leaving() {
      return leaving;
    },
    /**
     * Starts a program with the modern Node. `quiet` keeps the end of what it says instead of showing it.
     *
     * @param {string} name
     * @param {string[]} args
     * @param {MemberOptions} [options]
     * @returns {Member}
     */
    start(name, args, options) {
      const member = startMember(name, args, options);
      members.add(member);
      void member.exited.then(() => members.delete(member));
      return member;
    },
  };
}

/**
 * @param {string} name
 * @param {string[]} args
 * @param {MemberOptions} [options]
 * @returns {Member}
 */
function startMember(name, args, { cwd, env = modernEnvironment(), quiet = false, preload = [] } = {}) {
  const preloads = ['leave-with-parent.mjs', ...preload].flatMap((file) => ['--import', at('scripts', file)]);
  const child = spawn(modernNode(), [...preloads, ...args], {
    cwd: cwd ?? at('.'),
    env,
    detached: true, // its own group: a terminal's Ctrl-C comes through us, once
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-4_000);
    });
  }
  /** @type {Member['exited']} */
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      resolve({ code: 1, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    name,
    exited,
    get running() {
      return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
    },
    said: () => said,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM');
      const lost = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await exited;
      clearTimeout(lost);
    },
  };
}
