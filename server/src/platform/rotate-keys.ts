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
 * New keys in front of the old ones, which are told until when they are needed (`exp`): a signing key until the last token of its has
 * ended, a sealing key, which stays while anything is sealed by it, at least until no process can still be sealing by it.
 */
export async function rotateKeys(keys: readonly RingJwk[], rotation: Rotation, now: Date): Promise<RingJwk[]> {
  const { uses, afterSeconds, tokenSeconds } = rotation;
  const from = seconds(now) + afterSeconds;
  const fresh: RingJwk[] = [];
  if (uses.includes('sealing')) fresh.push({ ...newSealingJwk(), nbf: from });
  if (uses.includes('signing')) {
    const alg = rotation.alg ?? currentOf(keys, 'signing', now)?.alg ?? 'ES256';
    fresh.push({ ...(await newSigningJwk(alg)), nbf: from });
  }
  const neededUntil = { signing: from + tokenSeconds, sealing: from + afterSeconds };
  const old = keys.map((key) =>
    uses.includes(useOf(key)) && key.exp === undefined ? { ...key, exp: neededUntil[useOf(key)] } : key,
  );
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
  if (key.exp === undefined || after(key.exp, seconds(now))) return false;
  return use === 'signing' || !isSealedBy(key.kid ?? '');
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
