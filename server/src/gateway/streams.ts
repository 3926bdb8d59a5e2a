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

/**
 * What a sign-in has under way. A place stays when its last request ends, for the next one: a Map that gains and loses an entry with
 * every request makes table after table, and each dead one keeps what it held, and its successor, until the next full collection.
 */
type Place = { grantId: string | null; streams: OpenStream[] };

export class Streams {
  readonly #bySignIn = new Map<string, Place>();
  readonly #byGrant = new Map<string, Place[]>();
  readonly #noteEnded: NoteEnded;
  #recent: { claims: BearerClaims; at: number }[] = [];

  constructor(noteEnded: NoteEnded) {
    this.#noteEnded = noteEnded;
  }

  /** Called BEFORE the grant is checked: a revocation that commits in between finds the request here, or the check finds it. */
  add(stream: OpenStream): void {
    const { grantId, signInId } = originOf(stream.claims);
    let place = this.#bySignIn.get(signInId);
    if (place === undefined) {
      place = { grantId, streams: [] };
      this.#bySignIn.set(signInId, place);
      if (grantId !== null) this.#byGrant.set(grantId, [...(this.#byGrant.get(grantId) ?? []), place]);
    }
    place.streams.push(stream);
  }

  remove(stream: OpenStream): void {
    const streams = this.#bySignIn.get(originOf(stream.claims).signInId)?.streams;
    if (streams === undefined) return;
    const at = streams.lastIndexOf(stream);
    const last = at < 0 ? undefined : streams.pop();
    // Another takes its room, so that nothing has to move up.
    if (last !== undefined && last !== stream) streams[at] = last;
  }

  /** How many requests are under way. */
  size(): number {
    let size = 0;
    for (const { streams } of this.#bySignIn.values()) size += streams.length;
    return size;
  }

  /** How many of a sign-in are under way. */
  count(signInId: string): number {
    return this.#bySignIn.get(signInId)?.streams.length ?? 0;
  }

  end(ended: Ended, because: string): void {
    for (const id of ended.grantIds)
      for (const { streams } of this.#byGrant.get(id) ?? []) this.endAll(streams, because);
    for (const id of ended.familyIds ?? []) this.endAll(this.#bySignIn.get(id)?.streams ?? [], because);
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
    for (const [id, place] of this.#bySignIn) if (place.streams.length === 0) this.#forget(id, place);
  }

  #forget(signInId: string, place: Place): void {
    this.#bySignIn.delete(signInId);
    const others = this.#byGrant.get(place.grantId ?? '')?.filter((other) => other !== place) ?? [];
    if (others.length > 0) this.#byGrant.set(place.grantId ?? '', others);
    else this.#byGrant.delete(place.grantId ?? '');
  }

  *[Symbol.iterator](): Iterator<OpenStream> {
    for (const { streams } of this.#bySignIn.values()) yield* streams;
  }
}
