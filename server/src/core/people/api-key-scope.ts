/** What an API key may be good for. What no scope names, no key may do. */

export const API_KEY_SCOPES = [
  'grants:read',
  'grants:revoke',
  'connections:read',
  'connections:write',
  'audit:read',
  'people:read',
  'people:write',
  'organizations:write',
  'tokens:mint',
  'tokens:introspect',
] as const;

export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

export const isApiKeyScope = (text: string): text is ApiKeyScope =>
  (API_KEY_SCOPES as readonly string[]).includes(text);
