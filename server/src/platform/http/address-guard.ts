/** Which network addresses may be dialled: public ones, and those that the operator opened by name, address or range. */
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What `GRANTWAY_ALLOW_UPSTREAMS` opens. */
export type AllowList = Readonly<{ names: ReadonlySet<string>; ranges: readonly (readonly [Address, number])[] }>;

const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Reads host names, addresses and CIDR ranges. @throws Error with one sentence that names the entry which is none of them. */
export function readAllowList(entries: readonly string[]): AllowList {
  const names = new Set<string>();
  const ranges: [Address, number][] = [];
  for (const entry of entries) {
    const bare = entry.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    if (ipaddr.isValidCIDR(bare)) ranges.push(ipaddr.parseCIDR(bare));
    else if (isCanonicalAddress(bare)) ranges.push(whole(ipaddr.parse(bare)));
    // A last label of digits alone is an address in the making (`127.1`), which `new URL` would complete.
    else if (HOST_NAME.test(bare) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(bare)) names.add(bare);
    else throw new Error(`"${entry}" is neither a host name, an address nor a CIDR range`);
  }
  return { names, ranges };
}

const isCanonicalAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
const whole = (address: Address): [Address, number] => [address, address.kind() === 'ipv4' ? 32 : 128];

/** A host name as it is compared: lower case, without the root's dot. */
export const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

export const isAddress = (host: string): boolean => ipaddr.isValid(host);

/** Whether the operator opened this host: a name by name (`localhost` by loopback's range too), an address by range. Resolves nothing. */
export const isOpened = (host: string, allow: AllowList): boolean => {
  const plain = plainHost(host);
  if (isAddress(plain)) return isInRanges(plain, allow);
  return allow.names.has(plain) || (isLocalhost(plain) && isInRanges('127.0.0.1', allow));
};

/**
 * Whether an address that `host` resolved to, or is, may be dialled. Only public unicast is; an opened name or range admits private
 * addresses too, but never a link-local one (metadata services live there), unspecified, multicast or broadcast. `localhost`
 * opens loopback and nothing else. An address that embeds another (mapped, NAT64) is judged by the one inside (RFC 6890).
 * @param own the addresses of this machine, asked for where it depends on them: a public one leads to what only listens for those inside.
 */
export function mayDial(
  host: string,
  address: string,
  allow: AllowList,
  own: () => ReadonlySet<string> = () => new Set(),
): boolean {
  if (!ipaddr.isValid(address)) return false;
  const dialled = unwrap(ipaddr.parse(address));
  const name = plainHost(host);
  if (isInRanges(address, allow)) return true;
  if (isLocalhost(name)) return allow.names.has(name) && dialled.range() === 'loopback';
  if (isPublic(dialled) && !own().has(dialled.toString())) return true;
  return allow.names.has(name) && OPENABLE.has(dialled.range());
}

/** The addresses of this machine's interfaces, as `mayDial` compares them. */
export const ownAddresses = (): ReadonlySet<string> =>
  new Set(
    Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .map(({ address }) => ipaddr.parse(address.replace(/%.*$/, '')).toString()),
  );

const OPENABLE = new Set(['unicast', 'loopback', 'private', 'carrierGradeNat', 'uniqueLocal']);

/** RFC 6761 §6.3: these never leave the machine, whatever a resolver says. */
export const isLocalhost = (name: string): boolean => name === 'localhost' || name.endsWith('.localhost');

const isInRanges = (address: string, allow: AllowList): boolean => {
  const parsed = unwrap(ipaddr.parse(address));
  return allow.ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
};

// Of IPv6 only this block is given out as global unicast; `ipaddr.js` calls everything without a rule "unicast".
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

const isPublic = (address: Address): boolean =>
  address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST));

/** The IPv4 address inside `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2) and `64:ff9b::a.b.c.d` (RFC 6052 §2.1); else the address itself. */
function unwrap(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const six = address as ipaddr.IPv6;
  if (six.isIPv4MappedAddress()) return six.toIPv4Address();
  return six.match(NAT64) ? new ipaddr.IPv4(six.toByteArray().slice(12)) : six;
}
