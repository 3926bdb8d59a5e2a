/** What every endpoint of the authorization server is given. */
import type { Context } from 'hono';
import type { Config } from '../../config.ts';
import { type LiveCheck, openLiveCheck } from '../../core/grants/live.ts';
import type { EndStreams } from '../../core/grants/streams.ts';
import type { ViewerOf } from '../../core/people/viewer.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Keyring } from '../../platform/keys.ts';
import type { Log } from '../../platform/log.ts';
import { type Limits, openLimits } from './rate-limit.ts';

export type OAuthDeps = {
  config: Config;
  database: Database;
  keyring: Keyring;
  log: Log;
  clock: Clock;
  viewerOf: ViewerOf;
  addressOf: (context: Context) => string;
  endStreams: EndStreams;
};

export type OAuthServer = OAuthDeps & { limits: Limits; live: LiveCheck };

/** Completes what the composition root gives with what only these endpoints share. */
export const openOAuthServer = (deps: OAuthDeps): OAuthServer => ({
  ...deps,
  limits: openLimits(deps.database, deps.config),
  live: openLiveCheck(deps.database),
});
