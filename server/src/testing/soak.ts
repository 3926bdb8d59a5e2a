/** A randomised soak: many actors at once on several processes, everything that they did recorded, and the record judged afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sweepRequests } from '../core/authorizations/sweep.ts';
import { assign, unassign } from '../core/connections/assign.ts';
import { expireGrants } from '../core/grants/expire.ts';
import { type GrantClaims, openLiveCheck } from '../core/grants/live.ts';
import { revokeFamilies, revokeGrants, type Which } from '../core/grants/revoke.ts';
import { blockUsers, unblockUser } from '../core/people/block.ts';
import { redeemCode } from '../core/tokens/authorization-code.ts';
import { refresh } from '../core/tokens/refresh-token.ts';
import { sweepTokens } from '../core/tokens/sweep.ts';
import type { Database } from '../platform/database.ts';
import { hashSecret } from '../platform/secret.ts';
import { type Tx, transact } from '../platform/transact.ts';
import { Unavailable } from '../platform/transient.ts';
import { violations } from './invariants.ts';
import { deadlocks } from './processes.ts';
import {
  ask,
  CALLBACK,
  claimsOf,
  consent,
  makeAdmin,
  makeClient,
  makeConnection,
  makeOrganization,
  makeUser,
  type SceneClient,
  type SceneConnection,
  type signIn,
} from './scene.ts';

/** Numbers that look random and repeat for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Held = Awaited<ReturnType<typeof signIn>> & {
  client: SceneClient;
  tokens: string[];
  connection: SceneConnection;
  userId: string;
  claims: GrantClaims;
};

export type SoakReport = {
  seed: number;
  seconds: number;
  operations: Record<string, { done: number; refused: number }>;
  interleavings: Record<string, number>;
  livenessQuestions: number;
  unavailable: number;
  deadlocks: number;
  violations: string[];
};

const SETTINGS = { refreshIdle: 3600, replayWindow: 2, replays: 20 };
const ACTORS = 16;
const SCOPES = [['mcp:access'], ['mcp:access', 'profile']];

/**
 * Runs actors for `seconds` on `processes` (handles of one database) and judges what happened: no token works after the end of its
 * grant was acknowledged (I1), a code gives at most one sign-in (I3), what was acknowledged is there (I2), and the rows are whole
 * (I4 to I9). A seed repeats the choices, not the scheduler's timing.
 */
export async function soak(processes: Database[], seed: number, seconds: number): Promise<SoakReport> {
  const world = await openWorld(processes, seed);
  const until = Date.now() + seconds * 1000;
  const actors = Array.from({ length: ACTORS }, async (_, index) => {
    const random = seeded(seed * 1000 + index);
    while (Date.now() < until) await world.act(random);
  });
  await Promise.all(actors);
  return world.report(seconds);
}

async function openWorld(processes: Database[], seed: number) {
  const first = processes[0] as Database;
  const before = await deadlocks(first);
  const users = await Promise.all(Array.from({ length: 4 }, () => makeUser(first)));
  const admin = await makeAdmin(first);
  const acme = await makeOrganization(first, users);
  await first.db.membership.create({ data: { organizationId: acme.id, userId: admin.id, role: 'owner' } });
  const shared = await Promise.all(
    [1, 2].map(() => makeConnection(first, { organizationId: acme.id, assignees: users })),
  );
  const own = await Promise.all(users.map((user) => makeConnection(first, { userId: user.id })));
  const clients = await Promise.all(
    Array.from({ length: 4 }, () => makeClient(first, { redirectUris: [CALLBACK, `${CALLBACK}/2`] })),
  );
  const checks = processes.map((database) => openLiveCheck(database));

  const operations: SoakReport['operations'] = {};
  const interleavings: Record<string, number> = {};
  const wrong: string[] = [];
  let livenessQuestions = 0;
  let unavailable = 0;
  let running = 0;
  // When the end of a grant or a family was acknowledged; a question asked later must hear "no".
  const ended = new Map<string, number>();
  const issued = new Set<string>();
  let held: Held[] = [];
  const codes: { code: string; verifier: string; client: SceneClient; redirectUri: string; redeemed: number }[] = [];

  const note = (name: string, ok: boolean): void => {
    operations[name] ??= { done: 0, refused: 0 };
    operations[name][ok ? 'done' : 'refused']++;
  };
  const hit = (name: string): void => {
    interleavings[name] = (interleavings[name] ?? 0) + 1;
  };
  const pick = <T>(random: () => number, items: readonly T[]): T | undefined =>
    items[Math.floor(random() * items.length)];
  /** Mostly one that lives, as far as anyone knows; the dead ones must be asked about too. */
  const pickHeld = (random: () => number): Held | undefined => {
    const living =
      random() < 0.85 ? held.filter(({ grantId, familyId }) => !ended.has(grantId) && !ended.has(familyId)) : held;
    return pick(random, living);
  };
  const any = (random: () => number): Database => pick(random, processes) as Database;
  const markEnded = (grantIds: readonly string[]): void => {
    for (const id of grantIds) if (!ended.has(id)) ended.set(id, performance.now());
  };
  const isDead = (sign: Held, since: number): boolean =>
    (ended.get(sign.grantId) ?? Number.POSITIVE_INFINITY) < since ||
    (ended.get(sign.familyId) ?? Number.POSITIVE_INFINITY) < since;
  const revoke = async (random: () => number, which: Which) => {
    const { grantIds } = await transact(any(random), (tx) =>
      revokeGrants(tx, which, 'user_revoked', { userId: admin.id }, new Date()),
    );
    markEnded(grantIds);
    return grantIds.length > 0;
  };

  /** Changes the row that is the cause, then revokes what hangs on it: as every caller of the primitive does. */
  const change = async (
    random: () => number,
    apply: (tx: Tx) => Promise<unknown>,
    which: Which,
    undo: (tx: Tx) => Promise<unknown>,
  ) => {
    const database = any(random);
    const { grantIds } = await transact(database, async (tx) => {
      await apply(tx);
      return revokeGrants(tx, which, 'connection_changed', { userId: admin.id }, new Date());
    });
    markEnded(grantIds);
    await sleep(random() * 20);
    await transact(database, undo);
    return true;
  };

  const acts: Record<string, { weight: number; run: (random: () => number) => Promise<boolean | undefined> }> = {
    approve: {
      weight: 14,
      run: async (random) => {
        const index = Math.floor(random() * users.length);
        const user = users[index] as { id: string };
        const connection = (random() < 0.6 ? own[index] : pick(random, shared)) as SceneConnection;
        const client = pick(random, clients) as SceneClient;
        const redirectUri = pick(random, client.redirectUris) as string;
        const { handle, verifier } = await ask(any(random), {
          user,
          connection,
          client,
          redirectUri,
          scopes: pick(random, SCOPES) as string[],
        });
        const code = await consent(any(random), handle, user, random() < 0.1 ? 60 : undefined);
        if (!code.ok) return false;
        codes.push({ code: code.value, verifier, client, redirectUri, redeemed: 0 });
        return true;
      },
    },
    exchange: {
      weight: 16,
      run: async (random) => {
        const entry =
          random() < 0.8
            ? codes[codes.length - 1 - Math.floor(random() * Math.min(codes.length, 6))]
            : pick(random, codes);
        if (!entry) return undefined;
        const { client, redirectUri } = entry;
        const codeVerifier = random() < 0.1 ? 'x'.repeat(43) : entry.verifier;
        const request = {
          code: entry.code,
          oauthClientId: client.id,
          redirectUri,
          codeVerifier,
          isOtherResource: () => false,
          label: 'soak',
          userAgent: null,
        };
        const times = random() < 0.3 ? 3 : 1;
        if (times > 1) hit('one code, several exchanges at once');
        const answers = await Promise.all(
          Array.from({ length: times }, () => redeemCode(any(random), request, SETTINGS)),
        );
        for (const answer of answers) {
          if (!answer.ok) continue;
          if (++entry.redeemed > 1) wrong.push('I3: one code gave two sign-ins');
          issued.add(answer.value.familyId);
          const { connectionId, userId, grantId } = answer.value.grant;
          const connection = [...own, ...shared].find(({ id }) => id === connectionId) as SceneConnection;
          held.push({
            ...answer.value,
            grantId,
            code: entry.code,
            verifier: entry.verifier,
            client,
            connection,
            userId,
            claims: claimsOf(answer.value),
            tokens: [answer.value.refreshToken as string],
          });
        }
        return answers.some((answer) => answer.ok);
      },
    },
    refresh: {
      weight: 40,
      run: async (random) => {
        const sign = pickHeld(random);
        if (!sign) return undefined;
        const old = random() < 0.25;
        const token = (old ? pick(random, sign.tokens) : sign.tokens.at(-1)) as string;
        const began = performance.now();
        const request = {
          refreshToken: token,
          oauthClientId: sign.client.id,
          isOtherResource: () => false,
          scopes: undefined,
        };
        const times = random() < 0.3 ? 3 : 1;
        if (times > 1) hit('one token, several refreshes at once');
        const answers = await Promise.all(Array.from({ length: times }, () => refresh(any(random), request, SETTINGS)));
        for (const answer of answers) {
          if (answer.ok && isDead(sign, began)) wrong.push('I1: a refresh worked after the end was acknowledged');
          if (answer.ok && !sign.tokens.includes(answer.value.refreshToken))
            sign.tokens.push(answer.value.refreshToken);
        }
        const given = new Set(answers.map((answer) => (answer.ok ? answer.value.refreshToken : null)));
        given.delete(null);
        if (given.size > 1) hit('parallel refreshes that another actor overtook');
        return answers.some((answer) => answer.ok);
      },
    },
    ask: {
      weight: 60,
      run: async (random) => {
        const sign = pickHeld(random);
        if (!sign) return undefined;
        const check = pick(random, checks) as (typeof checks)[number];
        const began = performance.now();
        livenessQuestions++;
        const { live } = await check(sign.claims);
        if (live && isDead(sign, began)) wrong.push('I1: a request was let through after the end was acknowledged');
        return live;
      },
    },
    revokeGrant: {
      weight: 4,
      run: async (random) => {
        const sign = pickHeld(random);
        return sign && revoke(random, { grantIds: [sign.grantId] });
      },
    },
    revokeClient: {
      weight: 1,
      run: async (random) => {
        const sign = pickHeld(random);
        return sign && revoke(random, { userIds: [sign.userId], oauthClientId: sign.client.id });
      },
    },
    revokeFamily: {
      weight: 4,
      run: async (random) => {
        const sign = pickHeld(random);
        if (!sign) return undefined;
        const which = { grantId: sign.grantId, familyIds: [sign.familyId], andGrantWhenLast: random() < 0.5 };
        const { familyIds, grantIds } = await transact(any(random), (tx) =>
          revokeFamilies(tx, which, 'client_revoked', { userId: null }, new Date()),
        );
        markEnded([...familyIds, ...grantIds]);
        return familyIds.length > 0;
      },
    },
    disableConnection: {
      weight: 1,
      run: async (random) => {
        const { id } = pick(random, own) as SceneConnection;
        const set = (status: 'disabled' | 'enabled') => (tx: Tx) =>
          tx.connection.update({ where: { id }, data: { status } });
        return change(random, set('disabled'), { connectionId: id }, set('enabled'));
      },
    },
    changeConnection: {
      weight: 1,
      run: async (random) => {
        const { id } = pick(random, own) as SceneConnection;
        return change(
          random,
          (tx) => tx.connection.update({ where: { id }, data: { version: { increment: 1 } } }),
          { connectionId: id },
          async () => {},
        );
      },
    },
    blockUser: {
      weight: 1,
      run: async (random) => {
        const { id } = pick(random, users) as { id: string };
        const blocked = await blockUsers(
          any(random),
          { userIds: [id], reason: 'soak', actorUserId: admin.id },
          new Date(),
        );
        if (blocked.ok) markEnded(blocked.value.grantIds);
        await sleep(random() * 20);
        return (await unblockUser(any(random), { userId: id, actorUserId: admin.id }, new Date())).ok;
      },
    },
    unassign: {
      weight: 1,
      run: async (random) => {
        const which = {
          connectionId: (pick(random, shared) as SceneConnection).id,
          userId: (pick(random, users) as { id: string }).id,
          actorUserId: admin.id,
        };
        const taken = await unassign(any(random), which, new Date());
        if (taken.ok) markEnded(taken.value.grantIds);
        await sleep(random() * 20);
        return (await assign(any(random), which, new Date())).ok;
      },
    },
    housekeeping: {
      weight: 1,
      run: async (random) => {
        const database = any(random);
        const soon = new Date(Date.now() + (random() < 0.3 ? 61_000 : 0));
        await expireGrants(database, soon, 86_400);
        await sweepTokens(database, new Date(), SETTINGS.replayWindow);
        await sweepRequests(database, new Date());
        return true;
      },
    },
  };
  const names = Object.entries(acts).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));

  return {
    act: async (random: () => number): Promise<void> => {
      const name = pick(random, names) as string;
      running++;
      if (running > ACTORS / 2) hit('more than half of the actors at once');
      try {
        const done = await acts[name]?.run(random);
        if (done !== undefined) note(name, done);
      } catch (error) {
        // No fault is injected here, so not even "unavailable" is right; it is counted apart, because it loses nothing.
        if (error instanceof Unavailable) unavailable++;
        else wrong.push(`I12: ${name} threw ${(error as Error).message.slice(0, 200)}`);
      } finally {
        running--;
      }
      if (held.length > 300) held = held.slice(-200);
      if (codes.length > 300) codes.splice(0, 100);
    },
    report: async (seconds: number): Promise<SoakReport> => {
      const kept = await first.db.tokenFamily.count({ where: { id: { in: [...issued] } } });
      if (kept !== issued.size) wrong.push(`I2: ${issued.size - kept} acknowledged sign-ins are not there`);
      const stillActive = await first.db.oAuthGrant.count({
        where: { id: { in: [...ended.keys()] }, status: { not: 'revoked' } },
      });
      if (stillActive > 0) wrong.push(`I2: ${stillActive} acknowledged revocations are not there`);
      const known = await first.db.refreshToken.count({
        where: { tokenHash: { in: held.slice(-50).map(({ tokens }) => hashSecret(tokens[0] as string)) } },
      });
      if (known !== Math.min(held.length, 50)) wrong.push('I2: an acknowledged refresh token is not there');
      wrong.push(...(await violations(first)));
      const counts = new Map<string, number>();
      for (const sentence of wrong) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
      return {
        seed,
        seconds,
        operations,
        interleavings,
        livenessQuestions,
        unavailable,
        deadlocks: (await deadlocks(first)) - before,
        violations: [...counts].map(([sentence, times]) => (times === 1 ? sentence : `${sentence} ×${times}`)),
      };
    },
  };
}
