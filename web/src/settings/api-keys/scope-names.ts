// What an API key may be good for, in words.
import type { graphql } from '../../graphql/graphql.ts';
import { scopes } from './texts.ts';

export type ApiKeyScope = ReturnType<typeof graphql.scalar<'ApiKeyScope'>>;

export const scopeNames: Record<ApiKeyScope, { name: string; what: string }> = {
  GRANTS_READ: { name: 'grants:read', what: scopes.GRANTS_READ },
  GRANTS_REVOKE: { name: 'grants:revoke', what: scopes.GRANTS_REVOKE },
  CONNECTIONS_READ: { name: 'connections:read', what: scopes.CONNECTIONS_READ },
  CONNECTIONS_WRITE: { name: 'connections:write', what: scopes.CONNECTIONS_WRITE },
  AUDIT_READ: { name: 'audit:read', what: scopes.AUDIT_READ },
  PEOPLE_READ: { name: 'people:read', what: scopes.PEOPLE_READ },
  PEOPLE_WRITE: { name: 'people:write', what: scopes.PEOPLE_WRITE },
  ORGANIZATIONS_WRITE: { name: 'organizations:write', what: scopes.ORGANIZATIONS_WRITE },
  TOKENS_MINT: { name: 'tokens:mint', what: scopes.TOKENS_MINT },
  TOKENS_INTROSPECT: { name: 'tokens:introspect', what: scopes.TOKENS_INTROSPECT },
};
