/** The acts in whose middle a process is killed. */
import { revokeGrants } from '../core/grants/revoke.ts';
import { refresh } from '../core/tokens/refresh-token.ts';
import type { Database } from '../platform/database.ts';
import { transact } from '../platform/transact.ts';
import { CALLBACK, consent, redeem, type SignIn } from './scene.ts';

export const ACTS = ['approve', 'exchange', 'refresh', 'revoke'] as const;
export type Act = (typeof ACTS)[number];

/** What there is to act on; ids and secrets only, so that another process can be told. */
export type Arranged = {
  act: Act;
  userId: string;
  clientId: string;
  handle: string;
  code: string;
  verifier: string;
  refreshToken: string;
};

export async function perform(database: Database, { act, ...scene }: Arranged): Promise<unknown> {
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
