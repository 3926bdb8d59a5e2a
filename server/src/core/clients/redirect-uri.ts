/** Redirect URIs: which ones may be registered, and which registered one a request matches. */

const MAX_LENGTH = 2_000;
const LOOPBACK = /^http:\/\/(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::(\d{1,5}))?((?:[/?].*)?)$/i;
// Decoded or not, and with what servers cut off after a semicolon: `/../`, `/%2e%2e/`, `/..;x/`.
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:[/;]|$)/i;
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?]*)/i;

/** Schemes that mean something to a browser or to the system it runs on: no application may claim one as its own. */
const TAKEN_SCHEMES = new Set(
  `javascript vbscript livescript mocha data file blob filesystem about intent android-app view-source jar chrome edge devtools
  resource res ms-msdt ms-officecmd search-ms search ms-settings ms-appinstaller itms-services shell ws wss ftp ftps sftp ssh telnet
  ldap ldaps smb nfs git gopher irc ircs news nntp mailto tel sms facetime skype magnet urn cid mid tag feed wyciwyg x-apple-helpbasic`.split(
    /\s+/,
  ),
);

/**
 * Why this may not be registered as a redirect URI; null when it may: https, http on loopback, or a private-use scheme
 * (RFC 8252 §7), without anything that two parsers could read differently. `own` is our own address: nothing of ours is anyone's
 * callback (SECURITY #15).
 */
export function redirectUriProblem(uri: string, own: string): string | null {
  if (uri.length === 0 || uri.length > MAX_LENGTH) return 'is empty or too long';
  if (!/^[\x21-\x7e]+$/.test(uri) || /[\\"<>^`{|}]|%(?![0-9a-f]{2})/i.test(uri))
    return 'has characters that no URI may have';
  if (uri.includes('#')) return 'has a fragment';
  if (uri.includes('*')) return 'has a wildcard: it is compared as it stands';
  if (DOT_SEGMENT.test(uri.split('?')[0] ?? '')) return 'has a dot segment';
  if (!URL.canParse(uri)) return 'is not an absolute URI';
  const url = new URL(uri);
  const authority = AUTHORITY.exec(uri)?.[1];
  if (authority?.includes('@')) return 'has user information';
  // The decision is on the parsed scheme, never on how the text begins (RFC 7591 §5).
  const scheme = url.protocol.slice(0, -1);
  if (scheme === 'http') {
    const loopback = LOOPBACK.exec(uri);
    if (!loopback) return 'is plain http and not on loopback (localhost, 127.0.0.1, [::1])';
    // Without a port it stands for every port; the request will name one.
    return loopback[2] !== undefined && isOwn(url, own) ? 'is an address of this gateway' : null;
  }
  if (scheme === 'https') {
    if (
      authority === undefined ||
      url.hostname.endsWith('.') ||
      authority.replace(/:\d*$/, '').toLowerCase() !== url.hostname
    ) {
      return 'has no plain host name';
    }
    return isOwn(url, own) ? 'is an address of this gateway' : null;
  }
  if (TAKEN_SCHEMES.has(scheme)) return `has the scheme ${scheme}, which is not an application's own`;
  return uri.length > url.protocol.length ? null : 'is a scheme alone';
}

/**
 * The registered URI that a requested one matches: the same string, or on loopback the same but for the port (RFC 8252 §7.3), where
 * an empty path is `/` (field note C25). Null when none does, or when it leads to ourselves.
 */
export function matchRedirectUri(registered: readonly string[], requested: string, own: string): string | null {
  if (requested.length > MAX_LENGTH || !URL.canParse(requested) || isOwn(new URL(requested), own)) return null;
  if (registered.includes(requested)) return requested;
  const wanted = withoutPort(requested);
  return wanted === null ? null : (registered.find((uri) => withoutPort(uri) === wanted) ?? null);
}

/** Whether the answer goes to a program on the person's own machine: loopback or a private-use scheme. */
export const isLocalRedirect = (uri: string): boolean => !/^https:/i.test(uri);

/** Host, path and query of a loopback URI; null for any other. */
function withoutPort(uri: string): string | null {
  const match = LOOPBACK.exec(uri);
  if (!match) return null;
  const [, host = '', , rest = ''] = match;
  return host.toLowerCase() + (rest.startsWith('/') ? rest : `/${rest}`);
}

/** The same origin as ours; on loopback by any of its names. */
function isOwn(url: URL, own: string): boolean {
  const ours = new URL(own);
  if (url.protocol !== ours.protocol || url.port !== ours.port) return false;
  return url.hostname === ours.hostname || (isLoopback(url.hostname) && isLoopback(ours.hostname));
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
