/** A process that kills itself in the middle of an act. Told by its arguments: where the data is, which act, at which moment. */
import { writeSync } from 'node:fs';
import { revokeGrants } from '../core/grants/revoke.ts';
import { refresh } from '../core/tokens/refresh-token.ts';
import { type Database, openDatabase } from '../platform/database.ts';
import { openLog } from '../platform/log.ts';
import { transact } from '../platform/transact.ts';
import { type Moment, withFailpoints } from './failpoint.ts';
import { CALLBACK, consent, redeem, type SignIn } from './scene.ts';

/** What the parent arranged; ids and secrets only. */
export type Arrangement = {
  act: 'approve' | 'exchange' | 'refresh' | 'revoke';
  /** Which moment to die at, from 1; 0: never, and count them. */
  moment: number;
  url: string | undefined;
  dataDirectory: string;
  userId: string;
  clientId: string;
  handle: string;
  code: string;
  verifier: string;
  refreshToken: string;
};

async function perform(database: Database, { act, ...scene }: Arrangement): Promise<unknown> {
  const how = { user: { id: scene.userId }, client: { id: scene.clientId } } as SignIn;
  switch (act) {
    case 'approve':
      return consent(database, scene.handle, how.user);
    case 'exchange':
      return redeem(database, { ...how, redirectUri: CALLBACK }, scene.code, scene.verifier);
    case 'refresh':
      return refresh(
        database,
        {
          refreshToken: scene.refreshToken,
          oauthClientId: scene.clientId,
          isOtherResource: () => false,
          scopes: undefined,
        },
        { refreshIdle: 3600, replayWindow: 60, replays: 20 },
      );
    case 'revoke':
      return transact(database, (tx) =>
        revokeGrants(tx, { oauthClientId: scene.clientId }, 'user_revoked', { userId: null }, new Date()),
      );
  }
}

const arrangement = JSON.parse(process.argv[2] ?? '{}') as Arrangement;
const { url, dataDirectory, moment } = arrangement;
const database = await openDatabase({ url, dataDirectory, poolSize: 3, log: openLog('silent') });
let moments = 0;
const dying = withFailpoints(database, (at: Moment) => {
  if (++moments === moment) {
    // Said first, so that the parent knows what it died at; SIGKILL leaves no time for anything else.
    writeSync(1, JSON.stringify(at));
    process.kill(process.pid, 'SIGKILL');
  }
});
await perform(dying, arrangement);
writeSync(1, JSON.stringify({ moments }));
await database.close();
process.exit(0);
