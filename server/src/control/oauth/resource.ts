/** The connect resource that a request names: by its path, by the `resource` parameter, or by both, which must agree. */
import { type ConnectRoute, canonicalResource, parseRoute } from '../../core/connections/resource.ts';
import type { Fields } from '../../platform/http/form.ts';
import { ok, type Result, refused } from '../../platform/result.ts';

const ROUTE_FORM = /^\/oauth\/(?:(?:authorize|token)\/(.+)|register\/resource\/?(.*))$/;

/** The connect route in the path of an endpoint; null where the path has none. Refused when it is malformed. */
export function routeOfPath(path: string): Result<ConnectRoute | null, 'malformed'> {
  const [, bound, registered] = ROUTE_FORM.exec(path) ?? [];
  const text = bound ?? registered;
  if (text === undefined) return ok(null);
  const route = parseRoute(text);
  return route && route.rest === '' ? ok(route) : refused('malformed');
}

/**
 * The canonical resource that a request names; null when it names none. An origin alone counts as none: clients send it where a
 * server has several resources (field note E40). Does not check that the resource exists.
 */
export function namedResource(base: string, path: string, fields: Fields): Result<string | null, 'invalid_target'> {
  const route = routeOfPath(path);
  // RFC 8707 §2 lets a client name several; a grant here is for one.
  if (!route.ok || fields.repeated.has('resource')) return refused('invalid_target');
  const byPath =
    route.value &&
    `${base}/mcp-connect/${route.value.scope}/${route.value.ownerId}/${route.value.connectionId}/${route.value.routeKey}`;
  const text = fields.get('resource');
  if (text === undefined) return ok(byPath);
  const canonical = canonicalResource(text);
  if (canonical === null) return refused('invalid_target');
  if (canonical === base) return ok(byPath);
  return byPath === null || byPath === canonical ? ok(canonical) : refused('invalid_target');
}
