/** What rotation makes of the keys of a keyring. Pure, but for the random of new keys. */
import { newSealingJwk, newSigningJwk, type RingJwk } from './keys.ts';

export type KeyUse = 'signing' | 'sealing';

export const useOf = (key: RingJwk): KeyUse => (key.kty === 'oct' ? 'sealing' : 'signing');

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
const after = (from: number, now: number): boolean => from > now;

/** The key of a use that is in force: the first whose time has come. */
export const currentOf = (keys: readonly RingJwk[], use: KeyUse, now: Date): RingJwk | undefined =>
  keys.find((key) => useOf(key) === use && !after(key.nbf ?? 0, seconds(now)));

export type Rotation = {
  uses: readonly KeyUse[];
  /** Of the new signing key; absent: as the current one's. */
  alg?: string | undefined;
  /** How long from now until the new keys are used: longer than any process, or cache of the JWK Set, takes to learn of them. */
  afterSeconds: number;
  /** How long a token that is signed at the last moment may live, with what clocks may differ. */
  tokenSeconds: number;
};

/**
 * New keys in front of the old ones. The old signing keys are told when the last token of theirs will have ended (`exp`): only then
 * may they go. Old sealing keys have no such time: they stay until nothing is sealed by them.
 */
export async function rotateKeys(keys: readonly RingJwk[], rotation: Rotation, now: Date): Promise<RingJwk[]> {
  const from = seconds(now) + rotation.afterSeconds;
  const fresh: RingJwk[] = [];
  let old = [...keys];
  if (rotation.uses.includes('sealing')) fresh.push({ ...newSealingJwk(), nbf: from });
  if (rotation.uses.includes('signing')) {
    const alg = rotation.alg ?? currentOf(keys, 'signing', now)?.alg ?? 'ES256';
    fresh.push({ ...(await newSigningJwk(alg)), nbf: from });
    const exp = from + rotation.tokenSeconds;
    old = old.map((key) => (useOf(key) === 'signing' && key.exp === undefined ? { ...key, exp } : key));
  }
  return [...fresh, ...old];
}

/** Whether a key may leave the keyring: it is not the current one, nor one that comes, and nothing depends on it any more. */
export function mayRetire(
  keys: readonly RingJwk[],
  key: RingJwk,
  isSealedBy: (kid: string) => boolean,
  now: Date,
): boolean {
  const use = useOf(key);
  const current = currentOf(keys, use, now);
  if (current === undefined || keys.indexOf(key) <= keys.indexOf(current)) return false;
  return use === 'signing' ? key.exp !== undefined && !after(key.exp, seconds(now)) : !isSealedBy(key.kid ?? '');
}

/** The keys without a signing key that must not be trusted any more, and one in its place where it was the one that signs; null: no such key. */
export async function revokeKey(keys: readonly RingJwk[], kid: string, now: Date): Promise<RingJwk[] | null> {
  const bad = keys.find((key) => key.kid === kid && useOf(key) === 'signing');
  if (!bad) return null;
  const left = keys.filter((key) => key !== bad);
  return currentOf(left, 'signing', now) === undefined || bad === currentOf(keys, 'signing', now)
    ? [await newSigningJwk(bad.alg ?? 'ES256'), ...left]
    : left;
}
