import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeKeyringFile, readOrMakeKeyringFile } from './keyring-file.ts';
import { newSealingJwk, newSigningJwk, type RingJwk, readJwks } from './keys.ts';
import { openLiveKeyring } from './live-keyring.ts';
import { openLog } from './log.ts';
import { currentOf, mayRetire, revokeKey, rotateKeys, useOf } from './rotate-keys.ts';
import { reseal, seal, sealPrefix, unseal } from './seal.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
const BOTH = ['signing', 'sealing'] as const;
const rotation = { uses: BOTH, afterSeconds: 600, tokenSeconds: 1_200 };
const log = openLog('silent');
const first = async (): Promise<RingJwk[]> => [newSealingJwk(), await newSigningJwk('ES256')];
const textOf = (keys: RingJwk[]): string => JSON.stringify({ keys });
const kidsOf = (keys: readonly { kid?: string | undefined }[]) => keys.map(({ kid }) => kid);

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grantway-keys-'));
  path = join(folder, 'keys.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('rotation', () => {
  test('#156 a new key is in the keyring before it is used, and the old one until its last token has ended', async () => {
    const keys = await first();
    const rotated = await rotateKeys(keys, rotation, NOW);
    for (const use of BOTH) {
      expect(currentOf(rotated, use, at(599))?.kid).toBe(currentOf(keys, use, NOW)?.kid);
      expect(currentOf(rotated, use, at(600))?.kid).toBe(rotated.find((key) => useOf(key) === use)?.kid);
    }
    const old = rotated.at(-1) as RingJwk;
    expect(useOf(old)).toBe('signing');
    const none = () => false;
    expect([mayRetire(rotated, old, none, at(1_799)), mayRetire(rotated, old, none, at(1_800))]).toEqual([false, true]);
  });

  test('#271 an old sealing key stays as long as anything is sealed by it; what is in force or comes never goes', async () => {
    const rotated = await rotateKeys(await first(), rotation, NOW);
    const [coming, , old] = rotated as [RingJwk, RingJwk, RingJwk];
    expect(useOf(old)).toBe('sealing');
    expect(mayRetire(rotated, old, (kid) => kid === old.kid, at(99_999))).toBe(false);
    expect(mayRetire(rotated, old, () => false, at(99_999))).toBe(true);
    // For as long as any process may not have heard of the new one, too.
    for (const seconds of [599, 1_199]) expect(mayRetire(rotated, old, () => false, at(seconds))).toBe(false);
    for (const seconds of [0, 99_999]) expect(mayRetire(rotated, coming, () => false, at(seconds))).toBe(false);
  });

  test('the algorithm stays unless another is asked for', async () => {
    const keys = [newSealingJwk(), await newSigningJwk('EdDSA')];
    const again = await rotateKeys(keys, rotation, NOW);
    const other = await rotateKeys(keys, { ...rotation, uses: ['signing'], alg: 'RS256' }, NOW);
    expect([again[1]?.alg, other[0]?.alg, other.length]).toEqual(['EdDSA', 'RS256', 3]);
  });

  test('#156 a revoked key is gone at once; where it signed, a new one does', async () => {
    const keys = await first();
    const signer = keys[1] as RingJwk;
    const left = (await revokeKey(keys, signer.kid as string, NOW)) as RingJwk[];
    expect(kidsOf(left)).not.toContain(signer.kid);
    expect(currentOf(left, 'signing', NOW)).toBeDefined();
    expect(await revokeKey(keys, keys[0]?.kid as string, NOW)).toBeNull();
  });
});

describe('the keyring of a running process', () => {
  test('follows time: the current key of each use is the first whose time has come', async () => {
    const keys = await rotateKeys(await first(), rotation, NOW);
    let now = NOW;
    const ring = await openLiveKeyring(textOf(keys), { log, clock: () => now });
    const before = [ring.sealing[0]?.kid, ring.signing[0]?.kid];
    expect(before).toEqual([keys[2]?.kid, keys[3]?.kid]);
    now = at(600);
    expect([ring.sealing[0]?.kid, ring.signing[0]?.kid]).toEqual([keys[0]?.kid, keys[1]?.kid]);
    expect(kidsOf(ring.sealing)).toEqual(expect.arrayContaining([keys[0]?.kid, keys[2]?.kid]));
  });

  test('follows its file, and whoever meets an unknown key need not wait for that', async () => {
    const keys = await first();
    writeFileSync(path, textOf(keys));
    const ring = await openLiveKeyring(textOf(keys), { path, log, clock: () => new Date() });
    const more = [newSealingJwk(), ...keys];
    writeFileSync(path, textOf(more));
    const other = await openLiveKeyring(textOf(more), { log, clock: () => new Date() });
    expect(await unseal(ring, 'p', await seal(other, 'p', 'canary'))).toBe('canary');
    // Seldom: the next look is not taken at once.
    writeFileSync(path, textOf([newSealingJwk(), ...more]));
    await ring.lookAgain?.();
    expect(kidsOf(ring.sealing)).toEqual(kidsOf(more).slice(0, 2));
    ring.close();
  });

  test('a file that is no keyring changes nothing', async () => {
    const keys = await first();
    writeFileSync(path, textOf(keys));
    const ring = await openLiveKeyring(textOf(keys), { path, log, clock: () => new Date() });
    for (const text of ['{"keys":', '{"keys":[]}', textOf([{ ...keys[0], kid: 'other' }])]) {
      writeFileSync(path, text);
      await ring.lookAgain?.();
      expect(kidsOf(ring.signing)).toEqual([keys[1]?.kid]);
    }
    ring.close();
  });
});

describe('the file', () => {
  test('is replaced whole, keeps mode 0600, and a link to it stays one', async () => {
    await readOrMakeKeyringFile(path);
    const link = join(folder, 'link.json');
    symlinkSync(path, link);
    await changeKeyringFile(link, (keys) => rotateKeys(keys, rotation, NOW));
    expect(readJwks(readFileSync(path, 'utf8'))).toHaveLength(4);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('one change at a time, and never what is no keyring', async () => {
    await readOrMakeKeyringFile(path);
    const text = readFileSync(path, 'utf8');
    await expect(changeKeyringFile(path, async () => [])).rejects.toThrow('no sealing key');
    await changeKeyringFile(path, async (keys) => {
      await expect(changeKeyringFile(path, async (same) => same)).rejects.toThrow('someone else');
      return keys;
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

test('#270 #271 what is sealed again opens in its own place alone, and tells its key', async () => {
  const [old, current] = [newSealingJwk(), { ...newSealingJwk(), kid: 'an-odd-name' }];
  const signing = await newSigningJwk('ES256');
  const ringOf = (keys: RingJwk[]) => openLiveKeyring(textOf(keys), { log, clock: () => NOW });
  const sealed = await seal(await ringOf([old, signing]), 'connection_secret/1', 'canary');
  const ring = await ringOf([current, old, signing]);
  const again = await reseal(ring, sealed);
  expect(await unseal(ring, 'connection_secret/1', again)).toBe('canary');
  await expect(unseal(ring, 'connection_secret/2', again)).rejects.toThrow();
  for (const [text, kid, other] of [
    [sealed, old.kid as string, 'an-odd-name'],
    [again, 'an-odd-name', 'an-odd-nama'],
  ] as const) {
    expect([text.startsWith(sealPrefix(kid)), text.startsWith(sealPrefix(other))]).toEqual([true, false]);
  }
});
