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
