/** Whose request this is, by network address, for limits. */
import ipaddr from 'ipaddr.js';
import { Remembered } from '../remembered.ts';

/**
 * The client's address: the socket's, unless that is a trusted proxy; then the last entry of X-Forwarded-For that is not one.
 * `trusted` holds addresses and CIDR ranges. Does not prove anything: whoever is behind a trusted proxy is as good as the proxy says.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | null | undefined,
  trusted: readonly string[],
): string {
  if (trusted.length === 0) return socketAddress ?? '';
  const hops = (forwardedFor ?? '').split(',').map(withoutPort);
  let address = socketAddress ?? '';
  while (isTrusted(address, trusted)) {
    const hop = hops.pop();
    // What is no address ends the walk: what stands before it was written by whoever sent it.
    if (hop === undefined || !ipaddr.isValid(hop)) break;
    address = hop;
  }
  return address;
}

const buckets = new Remembered<string>(2_000);

/** What a limit counts as one client: an IPv4 address, or an IPv6 /64, which is what one customer holds. */
export function addressBucket(address: string): string {
  const known = buckets.get(address);
  if (known !== undefined) return known;
  const bucket = readBucket(address);
  buckets.set(address, bucket);
  return bucket;
}

function readBucket(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** Some proxies write the port too: `203.0.113.5:51234`, `[2001:db8::1]:51234`. */
const withoutPort = (hop: string): string =>
  hop
    .trim()
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1');

/** Whether an address is one of those entries, or in one of those ranges. */
export function isTrusted(address: string, trusted: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return trusted.some((entry) => {
    const [range, bits] = entry.includes('/') ? ipaddr.parseCIDR(entry) : [ipaddr.process(entry), undefined];
    if (range.kind() !== parsed.kind()) return false;
    return parsed.match(range, bits ?? (range.kind() === 'ipv4' ? 32 : 128));
  });
}
