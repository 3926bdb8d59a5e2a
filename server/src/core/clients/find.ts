/** Finding a client by its public id. */
import type { OAuthClient } from '@grantway/prisma/client';
import type { Database } from '../../platform/database.ts';

export type Client = OAuthClient;

/** The live client of this id; null for one that never was or is deleted, which are not told apart. */
export async function findClient(database: Database, clientId: string): Promise<Client | null> {
  if (!/^[\x21-\x7e]{1,2048}$/.test(clientId)) return null;
  return database.db.oAuthClient.findUnique({ where: { clientId, deletedAt: null } });
}
