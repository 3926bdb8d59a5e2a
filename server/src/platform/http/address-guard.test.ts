/** Which addresses may be dialled (SECURITY #31-33, #193, #194). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpened, mayDial, ownAddresses, readAllowList } from './address-guard.ts';

const none = readAllowList([]);
const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '0.0.0.0',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fc00::1',
  'fd00::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '100::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2002:808:808::1',
  '2001::1',
  '2001:db8::1',
  '2001:2::1',
  '2001:20::1',
  '192.88.99.1',
  '100:0:0:1::1',
  '5f00::1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::100.64.0.1',
  '3fff::1',
  '4000::1',
];

describe('mayDial', () => {
  it('#31 refuses everything that is not public unicast', () => {
    expect(PRIVATE.filter((address) => mayDial('example.com', address, none))).toEqual([]);
  });

  it('#31 refuses the public addresses of this machine itself, in any wrapping, unless they are opened', () => {
    const own = new Set(['8.8.8.8', '2606:4700::1111']);
    for (const address of ['8.8.8.8', '::ffff:8.8.8.8', '64:ff9b::808:808', '2606:4700:0::1111']) {
      expect([address, mayDial('example.com', address, none, () => own)]).toEqual([address, false]);
    }
    expect(mayDial('example.com', '8.8.4.4', none, () => own)).toBe(true);
    expect(mayDial('example.com', '8.8.8.8', readAllowList(['8.8.8.8']), () => own)).toBe(true);
    expect([...ownAddresses()]).toContain('127.0.0.1');
  });

  it('takes public addresses, also inside a mapped or NAT64 one', () => {
    for (const address of ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8']) {
      expect([address, mayDial('example.com', address, none)]).toEqual([address, true]);
    }
  });

  it('refuses what is no address', () => {
    for (const text of ['', 'example.com', 'fe80::1%eth0x ']) expect(mayDial('example.com', text, none)).toBe(false);
  });

  it('never takes a loopback or private IPv4 address in any wrapping', () => {
    const inside = fc
      .constantFrom('127.', '10.', '192.168.')
      .chain((start) =>
        fc
          .array(fc.integer({ min: 0, max: 255 }), { minLength: 3, maxLength: 3 })
          .map((rest) => (start + rest.join('.')).split('.').slice(0, 4).join('.')),
      );
    fc.assert(
      fc.property(
        inside,
        fc.constantFrom('', '::ffff:', '64:ff9b::'),
        (address, wrapping) => !mayDial('h', wrapping + address, none),
      ),
    );
  });

  it('an opened range admits its addresses under any name, and no others', () => {
    const allow = readAllowList(['10.1.0.0/16', '192.168.0.7', 'fd00::/8']);
    expect(mayDial('a.example', '10.1.2.3', allow)).toBe(true);
    expect(mayDial('a.example', '::ffff:10.1.2.3', allow)).toBe(true);
    expect(mayDial('a.example', '192.168.0.7', allow)).toBe(true);
    expect(mayDial('a.example', 'fd00::5', allow)).toBe(true);
    expect(mayDial('a.example', '10.2.0.1', allow)).toBe(false);
    expect(mayDial('a.example', '192.168.0.8', allow)).toBe(false);
  });

  it('an opened name admits private addresses, but never link-local ones, where metadata services live', () => {
    const allow = readAllowList(['mcp.internal']);
    expect(mayDial('MCP.internal.', '10.0.0.1', allow)).toBe(true);
    expect(mayDial('mcp.internal', '169.254.169.254', allow)).toBe(false);
    expect(mayDial('mcp.internal', '0.0.0.0', allow)).toBe(false);
    expect(mayDial('x.mcp.internal', '10.0.0.1', allow)).toBe(false);
  });

  it('localhost is loopback or nothing, whatever a resolver says', () => {
    const allow = readAllowList(['localhost']);
    expect(mayDial('localhost', '127.0.0.1', allow)).toBe(true);
    expect(mayDial('localhost', '::1', allow)).toBe(true);
    expect(mayDial('localhost', '10.0.0.1', allow)).toBe(false);
    expect(mayDial('localhost', '8.8.8.8', allow)).toBe(false);
    expect(mayDial('localhost', '127.0.0.1', none)).toBe(false);
    expect(mayDial('example.com', '127.0.0.1', allow)).toBe(false);
  });
});

describe('readAllowList', () => {
  it('takes names, addresses and ranges, and says which entry is none of them', () => {
    const allow = readAllowList(['localhost', '[::1]', 'Host.Example', '10.0.0.0/8']);
    expect(['localhost', 'HOST.example.', '[::1]', '10.9.9.9'].map((host) => isOpened(host, allow))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    for (const entry of ['http://x', '10.0.0.0/99', '127.1', '0x7f.1', 'a b', '*']) {
      expect(() => readAllowList([entry])).toThrow(`"${entry}"`);
    }
  });
});
