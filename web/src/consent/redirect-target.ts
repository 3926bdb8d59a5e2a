// Where an answer goes, judged by its address alone.
import { redirect as texts } from './texts.tsx';

export interface RedirectTarget {
  /** How the person knows the place: a host, this computer, or a program's own scheme. */
  place: string;
  /** The browser stays on our page: a program takes the answer. */
  toProgram: boolean;
}

export function redirectTarget(uri: string): RedirectTarget {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    return { place: uri, toProgram: true };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { place: texts.program(url.protocol), toProgram: true };
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return loopback ? { place: texts.computer, toProgram: true } : { place: url.host, toProgram: false };
}

/** The server only hands out what was registered; a script or a document of ours as an address is refused all the same. */
export function mayNavigateTo(uri: string): boolean {
  try {
    return !['javascript:', 'data:', 'blob:', 'vbscript:', 'file:', 'about:'].includes(new URL(uri).protocol);
  } catch {
    return false;
  }
}

/** Whether an address is an answer to this redirect URI, rather than a stop on the way. */
export function isAnswerTo(address: string, redirectUri: string | undefined): boolean {
  if (redirectUri === undefined || !URL.canParse(address) || !URL.canParse(redirectUri)) return true;
  const [to, registered] = [new URL(address), new URL(redirectUri)];
  return to.protocol === registered.protocol && to.host === registered.host && to.pathname === registered.pathname;
}
