/** Which URLs may be stored as an upstream's: judged when one is saved, before anything is dialled. */
import { ok, type Result, refused } from '../result.ts';
import { type AllowList, isAddress, isLocalhost, isOpened, mayDial, plainHost } from './address-guard.ts';

const MAX_LENGTH = 2_048;

// The "bad ports" of the Fetch standard (§2.9), where other protocols listen, and the common databases.
const BAD_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060,
  5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211, 27017,
]);

/**
 * The URL, or one sentence that says what is wrong with it. https alone, but for hosts that the operator opened.
 * Does not resolve the name: what it resolves to is judged at each connect, by the dispatcher.
 */
export function checkUpstreamUrl(text: string, allow: AllowList): Result<URL, string> {
  if (text.length > MAX_LENGTH) return refused(`The URL is longer than ${MAX_LENGTH} characters.`);
  // The parser would quietly drop or turn these, so that what is stored is not what was shown.
  if (/[\s\\]|[^\x20-\x7e]/.test(text))
    return refused('The URL contains spaces, backslashes or characters that need encoding.');
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return refused('This is not an absolute https URL.');
  const url = new URL(text);
  if (url.username || url.password) return refused('The URL must not contain a user name or password.');
  if (text.includes('#')) return refused('The URL must not have a fragment (#…).');
  if (/%(2f|5c|2e|00)/i.test(url.pathname) || /(^|\/)(\.|%2e){1,2}(\/|$)/i.test(text.split(/[?#]/)[0] as string)) {
    return refused('The path must not contain dot segments or encoded slashes.');
  }
  const host = plainHost(url.hostname);
  if (host === '' || host.length > 253) return refused('The URL has no usable host name.');
  const opened = isOpened(host, allow);
  if (isAddress(host) ? !mayDial(host, host, allow) : isLocalhost(host) && !opened) {
    return refused('The URL points to a private or local address, which this gateway does not reach.');
  }
  if (url.protocol === 'http:' && !opened) return refused('The URL must begin with https://.');
  if (url.port !== '' && BAD_PORTS.has(Number(url.port)))
    return refused(`Port ${url.port} is not one that a web server uses.`);
  return ok(url);
}
