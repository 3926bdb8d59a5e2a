/** Every request in flight, by grant and by sign-in (a family, or what minted a derived token), so that a revocation finds what it has to end. */
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';
import { type Bucket, fullBucket } from './fairness.ts';

/** A request that is under way with a token. */
export type OpenStream = {
  readonly claims: BearerClaims;
  /** Where it is kept: `placeOf` its claims. */
  readonly place: Place;
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

/** What several sign-ins have under way together. */
type Whole = { readonly id: string; readonly places: Set<Place>; readonly bucket: Bucket; underWay: number };

/**
 * What a sign-in has under way. A place stays when its last request ends, for the next one: a Map that gains and loses an entry with
 * every request makes table after table, and each dead one keeps what it held, and its successor, until the next full collection.
 */
export type Place = {
  readonly signInId: string;
  readonly streams: OpenStream[];
  readonly bucket: Bucket;
  /** Null for what a person does by a token of their own. */
  readonly grant: Whole | null;
  /** Of one client all that it holds of one person, or of one person all tokens of their own. */
  readonly client: Whole;
};

export class Streams {
  readonly #bySignIn = new Map<string, Place>();
  readonly #byGrant = new Map<string, Whole>();
  readonly #byClient = new Map<string, Whole>();
  readonly #noteEnded: NoteEnded;
  readonly #restMs: number;
  #recent: { claims: BearerClaims; at: number }[] = [];

  /** @param restMs for how long nothing has to be asked of a place before it is forgotten. */
  constructor(noteEnded: NoteEnded, restMs: number) {
    this.#noteEnded = noteEnded;
    this.#restMs = restMs;
  }

  /** Called BEFORE the grant is checked: a revocation that commits in between finds the request here, or the check finds it. */
  add(stream: OpenStream): void {
    const { streams, grant, client } = stream.place;
    streams.push(stream);
    if (grant !== null) grant.underWay++;
    client.underWay++;
  }

  remove(stream: OpenStream): void {
    const { streams, grant, client } = stream.place;
    const at = streams.lastIndexOf(stream);
    if (at < 0) return;
    const last = streams.pop() as OpenStream;
    // Another takes its room, so that nothing has to move up.
    if (last !== stream) streams[at] = last;
    if (grant !== null) grant.underWay--;
    client.underWay--;
  }

  /** The place of a sign-in, made where there is none; it is forgotten when nothing is under way in it and its share is whole again. */
  placeOf(claims: BearerClaims): Place {
    const { grantId, signInId } = originOf(claims);
    const found = this.#bySignIn.get(signInId);
    if (found !== undefined) return found;
    const clientId = 'clientId' in claims ? claims.clientId : '';
    const place = {
      signInId,
      streams: [],
      bucket: fullBucket(),
      grant: grantId === null ? null : wholeOf(this.#byGrant, grantId),
      client: wholeOf(this.#byClient, `${claims.userId} ${clientId}`),
    };
    place.grant?.places.add(place);
    place.client.places.add(place);
    this.#bySignIn.set(signInId, place);
    return place;
  }

  /** How many requests are under way. */
  size(): number {
    let size = 0;
    for (const { streams } of this.#bySignIn.values()) size += streams.length;
    return size;
  }

  end(ended: Ended, because: string): void {
    for (const id of ended.grantIds)
      for (const { streams } of this.#byGrant.get(id)?.places ?? []) this.endAll(streams, because);
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
    const now = performance.now();
    this.#recent = this.#recent.filter(({ at }) => at > now - RECENT_MS);
    for (const stream of this) stream.tick();
    for (const place of this.#bySignIn.values())
      if (place.streams.length === 0 && place.bucket.at < now - this.#restMs) this.#forget(place);
  }

  #forget(place: Place): void {
    this.#bySignIn.delete(place.signInId);
    if (place.grant !== null) leave(this.#byGrant, place.grant, place);
    leave(this.#byClient, place.client, place);
  }

  *[Symbol.iterator](): Iterator<OpenStream> {
    for (const { streams } of this.#bySignIn.values()) yield* streams;
  }
}

function wholeOf(wholes: Map<string, Whole>, id: string): Whole {
  let whole = wholes.get(id);
  if (whole === undefined) {
    whole = { id, places: new Set(), bucket: fullBucket(), underWay: 0 };
    wholes.set(id, whole);
  }
  return whole;
}

function leave(wholes: Map<string, Whole>, whole: Whole, place: Place): void {
  whole.places.delete(place);
  if (whole.places.size === 0) wholes.delete(whole.id);
}
