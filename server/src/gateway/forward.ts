/** The way to the upstream and back: both directions streamed, each waiting for the other, and nothing sent twice. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { MAX_BODY_BYTES, type Upload } from './body.ts';
import {
  bodyTooLarge,
  invalidToken,
  type Refusal,
  reconnect,
  upstreamNotHttp,
  upstreamPaused,
  upstreamRedirects,
  upstreamUnusable,
} from './challenge.ts';
import type { Exchange } from './exchange.ts';
import { explain } from './explain.ts';
import { failureOf } from './failure.ts';
import { noteFirstCall } from './note.ts';
import type { Header } from './request-headers.ts';
import { type ResponseHead, readResponseHead } from './response-headers.ts';
import { SHORT_BYTES, Share } from './turns.ts';
import type { Recovery, UpstreamCredentials } from './upstream-credentials.ts';
import type { UpstreamTarget } from './upstream-target.ts';

export type Outgoing = {
  to: UpstreamTarget;
  headers: string[];
  /** Bytes, what is streamed, or nothing. */
  body: Buffer | Upload | null;
  instanceId: string;
  connectionId: string;
  /** What helps when the upstream refuses the credentials. */
  recover: UpstreamCredentials['recover'];
  /** The same headers with other credentials. */
  headersWith: (credentials: readonly Header[]) => string[];
  /** The session as the client named it and as the upstream knows it. */
  session: { given: string; upstreamId: string } | undefined;
};

/**
 * Sends the request; the answer goes to the exchange. Never retried, because bytes may have been acted upon (RFC 9110 §9.2.2, #189), but
 * once, where the upstream refused the credentials, which says that it did not act, and the body is still here to be sent again.
 */
export function forward(exchange: Exchange, outgoing: Outgoing): void {
  const { circuit, turns } = exchange.plane;
  turns.look();
  const pause = circuit.enter(outgoing.to.origin);
  if (pause !== null) {
    exchange.refuse(upstreamPaused(pause));
    return;
  }
  const relay = new Relay(exchange, outgoing);
  exchange.upstream = relay;
  exchange.plane.dispatchers.of(exchange.req.method).dispatch(
    {
      origin: outgoing.to.origin,
      path: outgoing.to.path,
      method: exchange.req.method as Dispatcher.HttpMethod,
      headers: outgoing.headers,
      // Its documentation names iterables, its types leave them out.
      body: outgoing.body as Dispatcher.DispatchOptions['body'],
      headersTimeout: exchange.plane.upstreamHeadersMs,
      // An event stream may be silent for hours; the exchange itself watches over every other answer.
      bodyTimeout: 0,
    },
    relay,
  );
}

const REFUSED = 'The server of the connection refused its credentials. Look at them on the page of the connection.';
const ABORTED = new Error('the exchange is over');

/** undici's view of one upstream answer. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #outgoing: Outgoing;
  #controller: Dispatcher.DispatchController | null = null;
  #done = false;
  #sent = 0;
  #waiting = true;
  #passed = 0;
  /** Of an answer that is long. */
  #share: Share | null = null;
  readonly #sentAt = performance.now();

  constructor(exchange: Exchange, outgoing: Outgoing) {
    this.#exchange = exchange;
    this.#outgoing = outgoing;
  }

  abort(): void {
    if (this.#done) return;
    this.#done = true;
    this.#leave(false);
    this.#controller?.abort(ABORTED);
  }

  /** The client has caught up. */
  resume(): void {
    if (this.#share === null) this.#goOn();
    else this.#exchange.plane.turns.wait(this.#goOn);
  }

  #goOn = (): void => {
    if (this.#done) return;
    this.#share?.fill();
    this.#controller?.resume();
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Over while it waited for a socket: undici sends nothing of it.
    if (this.#done) controller.abort(ABORTED);
  }

  onBodySent(chunk: Buffer): void {
    this.#sent += chunk.length;
    if (this.#sent > MAX_BODY_BYTES) this.#refuse(bodyTooLarge);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200 || this.#done) return;
    this.#leave(true);
    this.#exchange.spans?.answered(status);
    const recovery = this.#outgoing.recover?.(status, headers);
    if (recovery) {
      this.#recover(recovery);
      return;
    }
    const head = readResponseHead(headers, status);
    if (status === 401 || status === 403 || status === 407) {
      noteFirstCall(this.#exchange, REFUSED);
      this.#refuse(reconnect(this.#exchange.plane.base, this.#outgoing.connectionId));
      return;
    }
    const refusal = refusalOf(status) ?? this.#bindSession(head);
    if (refusal) this.#refuse(refusal);
    else if (head) this.#exchange.begin(status, head);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done) return;
    const bytes = chunk.length;
    this.#passed += bytes;
    if (!this.#exchange.write(chunk)) controller.pause();
    else if (this.#passed > SHORT_BYTES && !this.#mayPass(bytes)) {
      controller.pause();
      this.#exchange.plane.turns.wait(this.#goOn);
    }
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#done = true;
    this.#exchange.finish();
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#waiting) {
      this.#waiting = false;
      this.#exchange.plane.circuit.failed(this.#outgoing.to.origin);
    }
    this.#exchange.plane.log.warn(
      { err: error, requestId: this.#exchange.id, connectionId: this.#outgoing.connectionId },
      'an upstream failed',
    );
    const refusal = failureOf(error);
    this.#exchange.fail(refusal);
    noteFirstCall(
      this.#exchange,
      refusal === upstreamNotHttp || refusal === upstreamUnusable
        ? 'The server of the connection answered with something that is not HTTP, or cannot be passed on.'
        : 'The server of the connection could not be reached, or did not answer in time.',
    );
  }

  #mayPass(bytes: number): boolean {
    const now = performance.now();
    this.#share ??= new Share(now);
    return this.#share.take(bytes, now);
  }

  /** Once: the upstream's answer begins, or nobody waits for it any more. */
  #leave(answered: boolean): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#exchange.plane.circuit.left(this.#outgoing.to.origin, answered);
    if (answered) this.#exchange.begunIn = performance.now() - this.#sentAt;
  }

  /** At most once per request: what is sent then does not recover (#201). */
  #recover(recovery: Promise<Recovery>): void {
    const exchange = this.#exchange;
    const outgoing = this.#outgoing;
    const { plane, target } = exchange;
    const refused = reconnect(plane.base, outgoing.connectionId);
    if (outgoing.body !== null && !(outgoing.body instanceof Buffer)) {
      this.#refuse(refused);
      // This one is lost; the next one is not.
      recovery.catch(() => {});
      return;
    }
    this.abort();
    exchange.upstream = null;
    recovery.then(
      (found) => {
        // Revoked, or left by its client meanwhile.
        if (exchange.over) return;
        if (found === null) {
          noteFirstCall(exchange, REFUSED);
          exchange.fail(refused);
        } else if (found === 'sign_in') exchange.fail(invalidToken(plane.base, target?.path ?? ''));
        else forward(exchange, { ...outgoing, headers: outgoing.headersWith(found.headers), recover: undefined });
      },
      (error: unknown) => exchange.fail(explain(exchange, error)),
    );
  }

  #refuse(refusal: Refusal): void {
    // The answer first: aborting may close a request that is still being uploaded.
    this.#exchange.fail(refusal);
    this.abort();
  }

  /** Puts our own session id in place of the upstream's. @returns why that cannot be. */
  #bindSession(head: ResponseHead | null): Refusal | undefined {
    if (head === null) return upstreamUnusable;
    if (head.mcpSessionId === undefined) return undefined;
    const { session, instanceId } = this.#outgoing;
    const known = session?.upstreamId === head.mcpSessionId;
    const id = known ? session.given : this.#exchange.plane.sessions.wrap(instanceId, head.mcpSessionId);
    if (id === null) return upstreamUnusable;
    head.headers.push('mcp-session-id', id);
    return undefined;
  }
}

/** Answers that do not pass as they are; undefined for those that do. */
function refusalOf(status: number): Refusal | undefined {
  // We never ask conditionally, so a 304 answers nothing.
  if (status > 599 || status === 304) return upstreamUnusable;
  return status >= 300 && status < 400 ? upstreamRedirects(status) : undefined;
}
