// What an API key may be good for, in words.
import type { graphql } from '../../graphql/graphql.ts';

export type ApiKeyScope = ReturnType<typeof graphql.scalar<'ApiKeyScope'>>;

export const scopeNames: Record<ApiKeyScope, { name: string; what: string }> = {
  GRANTS_READ: { name: 'grants:read', what: 'See the authorized clients' },
  GRANTS_REVOKE: { name: 'grants:revoke', what: 'Take authorizations back' },
  CONNECTIONS_READ: { name: 'connections:read', what: 'See connections' },
  CONNECTIONS_WRITE: { name: 'connections:write', what: 'Make, change, assign and end connections' },
  AUDIT_READ: { name: 'audit:read', what: 'Read what happened' },
  PEOPLE_READ: { name: 'people:read', what: 'See members, and accounts for administrators' },
  PEOPLE_WRITE: { name: 'people:write', what: 'Invite, remove and block people, as far as your role goes' },
  ORGANIZATIONS_WRITE: { name: 'organizations:write', what: 'Make, rename, leave and delete organizations' },
  TOKENS_MINT: { name: 'tokens:mint', what: 'Mint access tokens for your connections' },
  TOKENS_INTROSPECT: { name: 'tokens:introspect', what: 'Ask whether your tokens are valid' },
};
