/** What a grant is bound to. */

/** On whose behalf a client acts: oneself, or one organization. */
export type ExecutionContext = string;

export const PERSONAL: ExecutionContext = 'personal';

/** The execution context of a connection: its owner's. */
export const executionContextOf = (connection: { ownerOrganizationId: string | null }): ExecutionContext =>
  connection.ownerOrganizationId === null ? PERSONAL : `organization:${connection.ownerOrganizationId}`;

/** The organization of a context; null for a personal one. */
export const organizationOf = (context: ExecutionContext): string | null =>
  context.startsWith('organization:') ? context.slice('organization:'.length) : null;

/** How much one revocation ended. */
export type RevocationReceipt = {
  grants: number;
  families: number;
  refreshTokens: number;
  authorizationCodes: number;
  authorizationRequests: number;
  pendingProviderAuthorizations: number;
};

export const NOTHING_REVOKED: RevocationReceipt = {
  grants: 0,
  families: 0,
  refreshTokens: 0,
  authorizationCodes: 0,
  authorizationRequests: 0,
  pendingProviderAuthorizations: 0,
};

/** Who ends a grant: a person, or no one (expiry, a client's own act). */
export type Actor = { userId: string | null };
