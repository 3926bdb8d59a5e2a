/** The request of the control plane that this is being done for: its name in the log, and what it turned out to be about. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';
import { nextRequestId } from './request-id.ts';

/** What a line in the log says of a request, and the attribute that its span says it by. Ids and words of ours alone. */
const ATTRIBUTES = {
  grantId: 'grantway.grant.id',
  signInId: 'grantway.sign_in.id',
  grantType: 'oauth.grant_type',
  outcome: 'grantway.outcome',
  operation: 'graphql.operation',
};

export type Facts = { [name in keyof typeof ATTRIBUTES]?: string };
export type RequestUnderWay = { requestId: string; facts: Facts; span: Span };

const underWay = new AsyncLocalStorage<RequestUnderWay>();

export const duringRequest = <T>(request: RequestUnderWay, work: () => T): T => underWay.run(request, work);

/** Adds to its line and its span. Nothing where no request is under way, as in housekeeping. */
export function about(facts: Facts): void {
  const request = underWay.getStore();
  if (request === undefined) return;
  for (const [name, value] of Object.entries(facts)) {
    request.facts[name as keyof Facts] = value;
    request.span.setAttribute(ATTRIBUTES[name as keyof Facts], value);
  }
}

/** Undefined where no request is under way. */
export const requestIdNow = (): string | undefined => underWay.getStore()?.requestId;

/** What a person is told, who then asks an operator to look it up. */
export const requestIdToTell = (): string => requestIdNow() ?? nextRequestId();
