/** The public address of a gateway, which is its issuer: what it may be; a part of config.ts. */
import { z } from 'zod';
import { isAddress, isLocalhost, mayDial, plainHost, readAllowList } from './platform/http/address-guard.ts';

/** Whether others can fetch from here, as far as the address alone tells. */
export function isPublicUrl(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const host = plainHost(hostname);
  if (protocol !== 'https:' || isLocalhost(host)) return false;
  return !isAddress(host) || mayDial(host, host, readAllowList([]));
}

/** An origin alone, https but on loopback; undefined where none is set. */
export function readIssuer(text: string | undefined, context: z.RefinementCtx): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  const problem = !url
    ? 'must be an absolute URL'
    : !/^https?:$/.test(url.protocol)
      ? 'must begin with https:// (or http:// on loopback)'
      : url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
        ? 'must be https: plain http is for loopback only'
        : url.username || url.password || url.search || url.hash || url.pathname !== '/'
          ? 'must be an origin alone, such as https://gateway.example.com'
          : null;
  if (problem || !url) {
    context.addIssue({ code: 'custom', message: problem ?? 'wrong' });
    return z.NEVER;
  }
  return url.origin;
}
