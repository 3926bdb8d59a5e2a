/** Which scopes to ask a provider for. Pure. */
import type { AuthorizationServer } from 'oauth4webapi';

/**
 * Each once. `offline_access` is added where the provider knows it and scopes are asked for at all (SEP-2207): alone it would narrow a
 * request that leaves the choice to the provider. Where the provider lists its scopes without it, it is never asked for (SECURITY #224).
 */
export function scopesToAsk(wanted: readonly string[], server: AuthorizationServer): string[] {
  const scopes = new Set(wanted);
  const offered = server.scopes_supported;
  if (scopes.size > 0 && offered?.includes('offline_access')) scopes.add('offline_access');
  if (offered && !offered.includes('offline_access')) scopes.delete('offline_access');
  return [...scopes];
}
