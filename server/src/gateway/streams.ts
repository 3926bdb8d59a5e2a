/** Every request in flight, by grant and by sign-in (a family, or what minted a derived token), so that a revocation finds what it has to end. */
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';

/** A request that is under way with a token. */
export type OpenStream = {
  readonly claims: BearerClaims;
  /** By `performance.now()`. */
  readonly startedAt: number;
  /** Ends it because its permission ended. @returns whether anything of the upstream was flowing. */
  end: () => boolean;
  /** Ends it only if it has no end of its own (the event stream of a GET), so that its client comes again elsewhere. */
  leave: () => void;
  /** Called every few seconds: ends what makes no progress. */
  tick: () => void;
};

/** Where ended streams are told to. */
export type NoteEnded = (claims: BearerClaims, because: string) => void;

export type Ended = { grantIds: readonly string[]; familyIds?: readonly string[] };

const RECENT_MS = 10_000;

/** Most grants have one request under way, which needs no set of its own. */
type Index = Map<string, OpenStream | Set<OpenStream>>;

export class Streams {
  readonly #byGrant: Index = new Map();
  readonly #bySignIn: Index = new Map();
  readonly #noteEnded: NoteEnded;
  #recent: { claims: BearerClaims; at: number }[] = [];

  constructor(noteEnded: NoteEnded) {
    this.#noteEnded = noteEnded;
  }

  /** Called BEFORE the grant is checked: a revocation that commits in between finds the request here, or the check finds it. */
  add(stream: OpenStream): void {
    const { grantId, signInId } = originOf(stream.claims);
    if (grantId !== null) put(this.#byGrant, grantId, stream);
    put(this.#bySignIn, signInId, stream);
  }

  remove(stream: OpenStream): void {
    const { grantId, signInId } = originOf(stream.claims);
    if (grantId !== null) take(this.#byGrant, grantId, stream);
    take(this.#bySignIn, signInId, stream);
  }

  /** How many requests are under way. */
  size(): number {
    let size = 0;
    for (const streams of this.#bySignIn.values()) size += streams instanceof Set ? streams.size : 1;
    return size;
  }

  /** How many of a sign-in are under way. */
  count(signInId: string): number {
    const there = this.#bySignIn.get(signInId);
    return there instanceof Set ? there.size : there === undefined ? 0 : 1;
  }

  end(ended: Ended, because: string): void {
    for (const id of ended.grantIds) this.endAll(streamsOf(this.#byGrant.get(id)), because);
    for (const id of ended.familyIds ?? []) this.endAll(streamsOf(this.#bySignIn.get(id)), because);
  }

  endAll(streams: Iterable<OpenStream>, because: string): void {
    // A copy, because ending one takes it out.
    for (const stream of [...streams]) {
      this.remove(stream);
      if (!stream.end()) continue;
      this.#recent.push({ claims: stream.claims, at: performance.now() });
      this.#noteEnded(stream.claims, because);
    }
  }

  /**
   * How many streams of these ended lately, each told once. Whoever revoked asks so, because the announcement of its own commit
   * may have ended them a moment before it could.
   */
  claim(ended: Ended): number {
    const grants = new Set(ended.grantIds);
    const families = new Set(ended.familyIds ?? []);
    const others = this.#recent.filter(({ claims }) => {
      const { grantId, signInId } = originOf(claims);
      return !(grantId !== null && grants.has(grantId)) && !families.has(signInId);
    });
    const count = this.#recent.length - others.length;
    this.#recent = others;
    return count;
  }

  /** Called every few seconds. */
  tick(): void {
    const before = performance.now() - RECENT_MS;
    this.#recent = this.#recent.filter(({ at }) => at > before);
    for (const stream of this) stream.tick();
  }

  *[Symbol.iterator](): Iterator<OpenStream> {
    for (const streams of this.#bySignIn.values()) yield* streamsOf(streams);
  }
}

const streamsOf = (found: OpenStream | Set<OpenStream> | undefined): Iterable<OpenStream> =>
  found instanceof Set ? found : found === undefined ? [] : [found];

function put(index: Index, id: string, stream: OpenStream): void {
  const there = index.get(id);
  if (there === undefined) index.set(id, stream);
  else if (there instanceof Set) there.add(stream);
  else if (there !== stream) index.set(id, new Set([there, stream]));
}

function take(index: Index, id: string, stream: OpenStream): void {
  const there = index.get(id);
  if (there === stream) index.delete(id);
  else if (there instanceof Set && there.delete(stream) && there.size === 0) index.delete(id);
}
