import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openLog } from './log.ts';

function written(write: (log: ReturnType<typeof openLog>) => void): string {
  const stream = new PassThrough();
  write(openLog('info', stream));
  return stream.read().toString();
}

test('I10 what could carry a secret is cut by its name', () => {
  const line = written((log) =>
    log.info(
      {
        token: 'canary',
        req: { headers: { authorization: 'canary', cookie: 'canary' } },
        inner: { password: 'canary' },
      },
      'said',
    ),
  );
  expect(line).not.toContain('canary');
  expect(line).toContain('said');
});

test('I10 an error is written without what a driver hung on it', () => {
  const error = Object.assign(
    new Error('broken', { cause: Object.assign(new Error('inner'), { client: { secretKey: 'canary' } }) }),
    {
      code: '40P01',
      connectionParameters: { password: 'canary' },
      query: 'SELECT canary',
    },
  );
  const line = written((log) => log.error({ err: error }, 'failed'));
  expect(line).not.toContain('canary');
  expect(JSON.parse(line).err).toMatchObject({ message: 'broken', errorCode: '40P01', cause: { message: 'inner' } });
});

// The device whose every write finds no room is Linux's.
test.runIf(existsSync('/dev/full'))(
  '#289 a full disk under the log: the process goes on, and ends when it should',
  async () => {
    const work = `
    import { openLog } from ${JSON.stringify(join(import.meta.dirname, 'log.ts'))};
    const log = openLog('info');
    for (let n = 0; n < 2_000; n++) log.info({ n }, 'x'.repeat(5_000));
    setTimeout(() => log.warn('still here'), 100);
    setTimeout(() => process.stderr.write('works on', () => process.exit(0)), 500);`;
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, ['--input-type=module', '-e', work], { stdio: ['ignore', full, 'pipe'] });
    const stuck = setTimeout(() => child.kill('SIGKILL'), 20_000);
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    clearTimeout(stuck);
    closeSync(full);
    expect([code, said]).toEqual([0, 'works on']);
  },
);
