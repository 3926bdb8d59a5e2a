/** Writing what happened, in the transaction of the deed: where the record fails, the deed does not happen. */
import type { AuditOutcome, Prisma } from '@grantway/prisma/client';
import type { Tx } from '../../platform/transact.ts';
import type { AuditKind } from './events.ts';

export type AuditEntry = {
  kind: AuditKind;
  outcome?: AuditOutcome;
  /** Who did it; absent when no person acted. */
  actorUserId?: string | null;
  ownerUserId?: string | null;
  ownerOrganizationId?: string | null;
  connectionId?: string | null;
  connectResourceId?: string | null;
  instanceId?: string | null;
  grantId?: string | null;
  oauthClientId?: string | null;
  /** Plain facts for a person to read. The caller sees to it that none is a secret. */
  detail?: Prisma.InputJsonObject;
};

/** Records one event at `now`. */
export async function record(tx: Tx, now: Date, entry: AuditEntry): Promise<void> {
  await tx.auditEvent.create({ data: { ...entry, occurredAt: now } });
}
