/** The client scenarios of the official suite against the gateway's provider side: it is the OAuth client that the suite tests. */
import { type Driver, openDriver } from '../actors/conformance-driver.ts';
import { type Check, runSuite, type Scenarios } from '../actors/conformance-suite.ts';
import { type FrontDoor, openFrontDoor } from '../fixtures/front-door.ts';
import { expect, test } from '../fixtures/test.ts';

/** Where the suite expects our metadata document, so our public address is its host. */
const BASE = 'https://conformance-test.local';

/** Scenarios of 2026-07-28 that are in no suite of their own. */
const LATEST = [
  'resource-mismatch',
  'offline-access-scope',
  'offline-access-not-supported',
  'authorization-server-migration',
  'iss-supported',
  'iss-not-advertised',
  'iss-supported-missing',
  'iss-wrong-issuer',
  'iss-unexpected',
  'iss-normalized',
  'metadata-issuer-mismatch',
];

/** Where refusing is right. In `scope-retry-limit` the server never lets anyone in, and what counts is that asking ends. */
const REFUSED = [
  'auth/iss-normalized',
  'auth/iss-supported-missing',
  'auth/iss-unexpected',
  'auth/iss-wrong-issuer',
  'auth/metadata-issuer-mismatch',
  'auth/resource-mismatch',
  'auth/scope-retry-limit',
];

/**
 * Left out: the extensions `client-credentials-*`, `enterprise-managed-authorization` and `wif-jwt-bearer`, in which no person signs in,
 * and `dpop*`, which Grantway does not speak; and whatever is not about authorization, because it would test the SDK that drives this.
 */
const OF: Record<string, { suite: string; count: number }[]> = {
  '2025-03-26': [{ suite: 'backcompat', count: 2 }],
  '2025-11-25': [{ suite: 'auth', count: 14 }],
  '2026-07-28': [{ suite: 'auth', count: 14 }],
};

test.describe('client', () => {
  // A suite is many processes: on a busy machine they take their time.
  test.setTimeout(180_000);
  let door: FrontDoor;
  let driver: Driver;
  // Each date with a person of its own: how often one may have servers looked at in a minute is counted.
  test.beforeEach(async () => {
    door = await openFrontDoor(BASE);
    driver = await openDriver(door);
  });
  test.afterEach(async () => {
    await driver.stop();
    await door.dispose();
  });

  for (const [date, suites] of Object.entries(OF)) {
    test(`#210, #211, #222, #223, #224 signing in upstream conforms to ${date}`, async () => {
      const scenarios: Scenarios = new Map();
      const run = async (...which: string[]) => {
        const args = ['client', '--command', driver.command, '--spec-version', date, '--timeout', '50000', ...which];
        for (const [name, checks] of await runSuite(args)) scenarios.set(name, checks);
      };
      for (const { suite } of suites) await run('--suite', suite);
      if (date === '2026-07-28') await Promise.all(LATEST.map((name) => run('--scenario', `auth/${name}`)));
      const expected = suites.reduce((sum, { count }) => sum + count, 0) + (date === '2026-07-28' ? LATEST.length : 0);
      expect([...scenarios.keys()]).toHaveLength(expected);
      // A warning fails a scenario of the suite, so it fails here.
      const wrong = [...scenarios].flatMap(([name, checks]) =>
        checks.filter(isWrong).map(({ id, description }) => `${name}: ${id}: ${description}`),
      );
      expect(wrong, driver.reasons()).toEqual([]);
      expect(driver.refused()).toEqual(REFUSED.filter((name) => scenarios.has(name)));
      const passed = [...scenarios.values()].flat().filter(({ status }) => status === 'SUCCESS').length;
      const note = { suite: 'client', date, passed, failed: wrong.length };
      test.info().annotations.push({ type: 'conformance', description: JSON.stringify(note) });
    });
  }
});

const isWrong = ({ status }: Check): boolean => status === 'FAILURE' || status === 'WARNING';
