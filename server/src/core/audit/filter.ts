/** Which events a reader may see, and which of them they ask for: the one place, for pages, exports and subscriptions alike. */
import type { AuditOutcome, Prisma } from '@grantway/prisma/client';
import type { Recorded } from './recorded.ts';

/** A person as the reader of one record: their own (`organizationId` null), or an organization's. */
export type EventReader = {
  userId: string;
  organizationId: string | null;
  /** Owners and admins of the organization read all of it; its members what they did and what was done to theirs. */
  readsAll: boolean;
};

export type EventFilter = {
  grantId?: string | undefined;
  connectionId?: string | undefined;
  oauthClientId?: string | undefined;
  /** Kinds, or nouns with a star for all kinds of it: `grant.*`. */
  kinds?: readonly string[] | undefined;
  outcome?: AuditOutcome | undefined;
  /** From this instant on. */
  since?: Date | undefined;
  /** Before this instant. */
  until?: Date | undefined;
};

/** The events that the reader may see. Does not check that they are in the organization: the caller does. */
export function readableEvents({ userId, organizationId, readsAll }: EventReader): Prisma.AuditEventWhereInput {
  const own = { OR: [{ ownerUserId: userId }, { actorUserId: userId }] };
  return { ownerOrganizationId: organizationId, ...(organizationId !== null && readsAll ? {} : own) };
}

/** The same of one event that is at hand. */
export function mayRead({ userId, organizationId, readsAll }: EventReader, event: Recorded): boolean {
  if (event.ownerOrganizationId !== organizationId) return false;
  return (organizationId !== null && readsAll) || event.ownerUserId === userId || event.actorUserId === userId;
}

/** What the filter leaves of the readable events. */
export function matchingEvents(reader: EventReader, filter: EventFilter): Prisma.AuditEventWhereInput {
  const { grantId, connectionId, oauthClientId, kinds, outcome, since, until } = filter;
  return {
    AND: [
      readableEvents(reader),
      ...(kinds ? [{ OR: kinds.map(ofKind) }] : []),
      {
        ...(grantId ? { grantId } : {}),
        ...(connectionId ? { connectionId } : {}),
        ...(oauthClientId ? { oauthClientId } : {}),
        ...(outcome ? { outcome } : {}),
        ...(since || until
          ? { occurredAt: { ...(since ? { gte: since } : {}), ...(until ? { lt: until } : {}) } }
          : {}),
      },
    ],
  };
}

const ofKind = (kind: string): Prisma.AuditEventWhereInput =>
  // `_` and `%` of a caller are characters, not wildcards.
  kind.endsWith('.*') ? { kind: { startsWith: kind.slice(0, -1).replace(/[\\%_]/g, '\\$&') } } : { kind };
