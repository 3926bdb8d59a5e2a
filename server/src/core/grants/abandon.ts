/** The end of a grant that never began: its person did not come back from the provider, or came back with a no. */
import type { Tx } from '../../platform/transact.ts';

/**
 * Removes pending grants; what led to them stays, and names none. A grant that was activated or revoked meanwhile is left as it is.
 * Rows are locked in id order, and what hangs on them is changed behind those locks. @returns how many went.
 */
export async function abandonGrants(tx: Tx, grantIds: readonly string[]): Promise<number> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM oauth_grant WHERE id = ANY(${[...grantIds]}::uuid[]) AND status = 'pending' ORDER BY id FOR UPDATE`;
  const ids = locked.map(({ id }) => id);
  if (ids.length === 0) return 0;
  // First: the rows of the requests would go with the grant.
  await tx.$executeRaw`UPDATE authorization_request SET grant_id = NULL WHERE grant_id = ANY(${ids}::uuid[])`;
  await tx.$executeRaw`
    UPDATE pending_provider_authorization SET grant_id = NULL,
      status = CASE status WHEN 'pending' THEN 'failed' ELSE status END, sealed = '' WHERE grant_id = ANY(${ids}::uuid[])`;
  return tx.$executeRaw`DELETE FROM oauth_grant WHERE id = ANY(${ids}::uuid[]) AND status = 'pending'`;
}
