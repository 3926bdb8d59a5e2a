import { expect, test } from 'vitest';
import { newSealingJwk, newSigningJwk, readKeyring } from './keys.ts';
import { SealBroken, seal, unseal, unsealUnderToken } from './seal.ts';

const keyringOf = async (...sealing: object[]) =>
  readKeyring(JSON.stringify({ keys: [...sealing, await newSigningJwk('ES256')] }));

test('what is sealed opens in its place, and says nothing meanwhile', async () => {
  const keyring = await keyringOf(newSealingJwk());
  const sealed = await seal(keyring, 'connection_secret/1', 'canary');
  expect(sealed).not.toContain('canary');
  expect(await unseal(keyring, 'connection_secret/1', sealed)).toBe('canary');
});

test('#270 a ciphertext copied to another row does not open', async () => {
  const keyring = await keyringOf(newSealingJwk());
  const sealed = await seal(keyring, 'connection_secret/1', 'canary');
  await expect(unseal(keyring, 'connection_secret/2', sealed)).rejects.toThrow(SealBroken);
});

test('#271 after a rotation old values open and new ones use the new key', async () => {
  const [first, second] = [newSealingJwk(), newSealingJwk()];
  const sealed = await seal(await keyringOf(first), 'p', 'canary');
  const rotated = await keyringOf(second, first);
  expect(await unseal(rotated, 'p', sealed)).toBe('canary');
  const again = await seal(rotated, 'p', 'canary');
  await expect(unseal(await keyringOf(first), 'p', again)).rejects.toThrow(SealBroken);
});

test('what an older version sealed under a token opens with that token alone', async () => {
  const sealed =
    'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoidG9rZW4iLCJwbGFjZSI6InAifQ..i86DK5sgSPmoxdLY.r47mOaY0.dJ4e9bij5kcgz96jVNNsiA';
  expect(await unsealUnderToken('token-a', 'p', sealed)).toBe('canary');
  await expect(unsealUnderToken('token-b', 'p', sealed)).rejects.toThrow(SealBroken);
  await expect(unsealUnderToken('token-a', 'q', sealed)).rejects.toThrow(SealBroken);
});

test('a changed ciphertext does not open, and the error repeats nothing of it', async () => {
  const keyring = await keyringOf(newSealingJwk());
  const sealed = await seal(keyring, 'p', 'canary');
  const broken = sealed.slice(0, -3) + (sealed.endsWith('AAA') ? 'BBB' : 'AAA');
  await expect(unseal(keyring, 'p', broken)).rejects.toThrow('a sealed value could not be opened');
});
