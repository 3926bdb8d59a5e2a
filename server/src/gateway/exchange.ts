/** One request and its answer: whatever happens to it, the client gets one answer, once, and what was opened is closed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BearerClaims, originOf } from '../core/tokens/bearer-token.ts';
import type { Outcome } from '../platform/metrics.ts';
import { nextRequestId } from '../platform/request-id.ts';
import { invalidToken, type Refusal } from './challenge.ts';
import { corsHeaders } from './cross-origin.ts';
import { linger } from './linger.ts';
import { noteWorked } from './note.ts';
import type { Plane } from './plane.ts';
import type { ResponseHead } from './response-headers.ts';
import type { Target } from './routes.ts';
import type { RequestSpans } from './spans.ts';
import type { OpenStream, Place } from './streams.ts';

// In ticks of the re-check, which come every four seconds.
const SLOW_READER_TICKS = 15;
const QUIET_TICKS = 75;

export class Exchange implements OpenStream {
  readonly plane: Plane;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Of the client: `req` lets go of it once its body was left. */
  readonly socket: Socket;
  readonly startedAt = performance.now();
  /** What the log calls it; its client is told when it is refused. */
  readonly id = nextRequestId();
  /** Set when the page's origin was found allowed: only then may its script read the answer. */
  origin: string | undefined;
  target: Target | null = null;
  /** The request upstream: `resume` asks for more when the client has caught up. Null while there is none. */
  upstream: { abort: () => void; resume: () => void } | null = null;
  /** Null where traces are not recorded. */
  spans: RequestSpans | null = null;
  /** In milliseconds: how long the question took whether the grant stands, and how long the upstream until its answer began. */
  checkedIn: number | undefined;
  begunIn: number | undefined;
  #claims: BearerClaims | null = null;
  #place: Place | null = null;
  #isEventStream = false;
  #over = false;
  #cut = false;
  #counted = false;
  #stalled = false;
  #idleTicks = 0;

  constructor(plane: Plane, req: IncomingMessage, res: ServerResponse) {
    this.plane = plane;
    this.req = req;
    this.res = res;
    this.socket = req.socket;
    // Once: `on` alone, because `once` costs a function more.
    res.on('close', () => this.#close());
  }

  /** The token's claims, once its signature was checked. */
  get claims(): BearerClaims {
    if (this.#claims === null) throw new Error('this exchange has no claims yet');
    return this.#claims;
  }

  /** Whether an answer was given, or nobody is there to get one. */
  get over(): boolean {
    return this.#over;
  }

  get place(): Place {
    if (this.#place === null) throw new Error('this exchange has no place yet');
    return this.#place;
  }

  /** From here on a revocation finds this request. */
  identify(claims: BearerClaims, place: Place): void {
    this.#claims = claims;
    this.#place = place;
    // Left by its client meanwhile: nobody would take it out again.
    if (!this.#over) this.plane.streams.add(this);
  }

  /** Answers without the upstream. Nothing happens when an answer has begun. */
  refuse({ status, headers = [], body }: Refusal): void {
    if (this.#over || this.res.headersSent) return;
    this.#over = true;
    const own = ['content-type', 'application/json', 'cache-control', 'no-store', 'x-content-type-options', 'nosniff'];
    const length = ['content-length', String(Buffer.byteLength(body))];
    // The client need not send the rest of what was being uploaded.
    const close = this.upstream !== null && !this.req.complete ? ['connection', 'close'] : [];
    const id = ['x-request-id', this.id];
    this.res.writeHead(status, [...own, ...length, ...id, ...corsHeaders(this.origin), ...close, ...headers]);
    // Closed before all of it was read, the answer would be lost with what is still on its way (RFC 9112 §9.6).
    if (close.length > 0 || (!this.req.complete && headers.includes('close'))) linger(this.req, this.res, body);
    else this.res.end(body);
    this.#count(outcomeOf(status));
  }

  /** Begins the upstream's answer. @throws when Node refuses the headers. */
  begin(status: number, head: ResponseHead): void {
    const { res } = this;
    this.#isEventStream = head.isEventStream;
    if (this.origin === undefined) head.headers.push('vary', 'origin');
    else head.headers.push(...corsHeaders(this.origin));
    if (!this.req.complete) head.headers.push('connection', 'close');
    res.writeHead(status, head.headers);
    // Else the headers would wait for the first event.
    if (head.isEventStream) res.flushHeaders();
    this.plane.afterwards.later(() => this.#count(status < 500 ? 'ok' : 'error'));
  }

  /** @returns whether the client takes more; when not, the upstream is resumed once it does. */
  write(chunk: Buffer): boolean {
    this.#idleTicks = 0;
    if (this.#over || this.res.write(chunk)) return true;
    this.#stalled = true;
    this.res.once('drain', () => {
      this.#stalled = false;
      this.#idleTicks = 0;
      this.upstream?.resume();
    });
    return false;
  }

  finish(): void {
    if (this.#over) return;
    this.#over = true;
    // Answered before all of it was uploaded: see `begin`.
    if (this.req.complete) this.res.end();
    else linger(this.req, this.res);
  }

  /** The upstream failed: before its answer began the client is told, after that it must not take a part for the whole. */
  fail(refusal: Refusal): void {
    if (!this.res.headersSent) this.refuse(refusal);
    else this.#destroy();
  }

  end(): boolean {
    if (this.#over) return false;
    const flowing = this.upstream !== null;
    if (!this.res.headersSent) this.refuse(invalidToken(this.plane.base, this.target?.path ?? ''));
    // What waits in our own buffer was said before the revocation, but would arrive after it.
    else if (this.#isEventStream && this.res.writableLength === 0) this.finish();
    else this.#destroy();
    this.upstream?.abort();
    return flowing;
  }

  leave(): void {
    // The answer to a POST is an event stream too, and ends with its result: it gets the grace to come to that.
    if (!this.#isEventStream || this.#over || this.req.method !== 'GET') return;
    this.finish();
    this.upstream?.abort();
  }

  /** A reader that does not read for a minute, or an upstream silent in the middle of a plain answer for five, is left (#184, #204). */
  tick(): void {
    if (this.#over || !this.res.headersSent || (this.#isEventStream && !this.#stalled)) return;
    if (++this.#idleTicks < (this.#stalled ? SLOW_READER_TICKS : QUIET_TICKS)) return;
    this.#destroy();
    this.upstream?.abort();
  }

  #destroy(): void {
    this.#over = true;
    this.#cut = true;
    this.res.destroy();
  }

  #count(outcome: Outcome): void {
    if (this.#counted) return;
    this.#counted = true;
    const { metrics } = this.plane;
    metrics.request(outcome);
    if (this.checkedIn !== undefined) metrics.checked(this.checkedIn / 1_000);
    if (this.begunIn !== undefined) metrics.upstreamBegan(this.begunIn / 1_000);
    if (this.#claims === null) return;
    const { grantId, signInId } = originOf(this.#claims);
    // What a person does by a token of their own is counted for no client.
    if (grantId === null) return;
    if (outcome === 'left') {
      // Whether anyone waited for the answer or not: what reached the upstream was done for this grant.
      if (this.upstream !== null) this.plane.usage.note(grantId, signInId, 'ok');
      return;
    }
    this.plane.usage.note(grantId, signInId, outcome === 'ok' || outcome === 'denied' ? outcome : 'error');
    if (outcome === 'ok' && this.plane.firstCalls.workedAfterAll(signInId)) noteWorked(this);
  }

  #close(): void {
    if (!this.#over) {
      // The client left: the upstream need not go on (#188).
      this.#over = true;
      this.#cut = true;
      this.upstream?.abort();
      if (!this.res.headersSent) this.#count('left');
    }
    if (this.#place) this.plane.streams.remove(this);
    const connectionId = this.target?.route.connectionId;
    const status = this.res.headersSent ? this.res.statusCode : 0;
    this.spans?.end(status, this.#cut, connectionId, this.#claims);
    this.plane.logAccess(this.req, {
      id: this.id,
      connectionId,
      status,
      traceId: this.spans?.traceId,
      claims: this.#claims,
      isEventStream: this.#isEventStream,
      ms: Math.round(performance.now() - this.startedAt),
      cut: this.#cut,
    });
  }
}

/** What a refusal of ours counts as. */
function outcomeOf(status: number): Outcome {
  if (status === 401 || status === 403) return 'denied';
  if (status === 429) return 'limited';
  return status < 500 ? 'refused' : 'error';
}
