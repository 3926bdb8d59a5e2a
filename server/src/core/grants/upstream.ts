/** Where the requests of a living grant go, and with which credentials: read with the grant, in the same statement. */

/** What the gateway needs to reach the upstream on behalf of a living grant. */
export type Upstream = {
  remoteUrl: string;
  authMode: 'none' | 'static_headers' | 'oauth_dynamic' | 'oauth_static';
  pathPassthrough: boolean;
  auxiliaryHeaders: { name: string; value: string }[];
  /** Where the sealed static headers lie; null for none. */
  secretId: string | null;
  secretVersion: number | null;
  /** The user's sign-in at the provider, and which of its tokens is the current one; null for none. */
  providerGrantId: string | null;
  providerGrantVersion: number | null;
};

/**
 * An Upstream over a connection `n` and its instance `i`, as one text. The credential is looked for only where the mode has one, and
 * by its key: no plan can then read more of those tables than that row.
 */
export const UPSTREAM_TEXT = `concat_ws(E'\\n', n.auth_mode, n.path_passthrough,
    COALESCE(CASE n.auth_mode WHEN 'none' THEN NULL
      WHEN 'static_headers' THEN
        (SELECT concat_ws(' ', s.id, s.version) FROM connection_secret s WHERE s.connection_id = n.id AND s.kind = 'static_headers')
      ELSE (SELECT concat_ws(' ', w.id, w.version) FROM provider_grant w WHERE w.instance_id = i.id AND w.revoked_at IS NULL) END, ''),
    n.auxiliary_headers, n.remote_url)`;

const read = new Map<string, Upstream>();
const MAX_READ = 1_000;

/** The upstream of such a text. Most rows say what another one said: what is remembered is the reading of a text, not what it said of whom. */
export function readUpstream(text: string): Upstream {
  const known = read.get(text);
  if (known) return known;
  // A JSON text of PostgreSQL's has no line's end, nor has what stands before it.
  const [authMode, pathPassthrough, credential = '', auxiliaryHeaders = '[]', ...remoteUrl] = text.split('\n');
  const [id, version] = credential.split(' ');
  const has = id && version ? { id, version: Number(version) } : null;
  const isStatic = authMode === 'static_headers';
  const upstream: Upstream = {
    remoteUrl: remoteUrl.join('\n'),
    authMode: authMode as Upstream['authMode'],
    pathPassthrough: pathPassthrough === 't',
    auxiliaryHeaders: JSON.parse(auxiliaryHeaders),
    secretId: isStatic ? (has?.id ?? null) : null,
    secretVersion: isStatic ? (has?.version ?? null) : null,
    providerGrantId: isStatic ? null : (has?.id ?? null),
    providerGrantVersion: isStatic ? null : (has?.version ?? null),
  };
  if (read.size >= MAX_READ) read.clear();
  read.set(text, upstream);
  return upstream;
}
