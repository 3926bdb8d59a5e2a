/** What the record keeps of a person who is erased: that things happened, and nothing that anyone named or wrote. */
import type { Tx } from '../../platform/transact.ts';

/** Takes names, labels and free text out of the events of one person, for good. Running it again changes nothing. */
export async function redactEvents(tx: Tx, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT audit_redact(${userId}::uuid)`;
}
