/** The sign-in routes for tests: asked over HTTP as a browser would, from the address that the test says. */
import { type Config, readConfig } from '../config.ts';
import { openSignIn } from '../control/sign-in/routes.ts';
import type { Database } from '../platform/database.ts';
import type { Keyring } from '../platform/keys.ts';
import { openLog } from '../platform/log.ts';
import { openMailer } from '../platform/mail.ts';

export const ada = { name: 'Ada', email: 'ada@example.com', password: 'correct horse' };

export function openSignInApp(
  database: Database,
  keyring: Keyring,
  settings: Record<string, string> = {},
  addressOf: () => string = () => '192.0.2.1',
  clock: () => Date = () => new Date(),
) {
  const config: Config = readConfig({ GRANTWAY_SIGN_INS_PER_MINUTE: '100', GRANTWAY_LOG_LEVEL: 'silent', ...settings });
  const log = openLog('silent');
  const mailer = config.mail ? openMailer(config.mail, log, []) : null;
  const { routes, viewerOf } = openSignIn({ config, database, keyring, log, clock, mailer, addressOf });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    routes.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: config.url, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const viewerWith = (cookie: string) => viewerOf(new Headers({ cookie }));
  return { config, routes, post, viewerOf, viewerWith };
}

export const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
