import { expect, test } from 'vitest';
import { addressBucket, clientAddress } from './client-address.ts';

const PROXY = ['10.0.0.0/8'];

test('#174 X-Forwarded-For of a direct client is ignored', () => {
  expect(clientAddress('203.0.113.9', '1.1.1.1', [])).toBe('203.0.113.9');
  expect(clientAddress('203.0.113.9', '1.1.1.1', PROXY)).toBe('203.0.113.9');
});

test('behind trusted proxies it is the last hop that is not one', () => {
  expect(clientAddress('10.0.0.1', '9.9.9.9, 203.0.113.5, 10.0.0.2', PROXY)).toBe('203.0.113.5');
  expect(clientAddress('10.0.0.1', undefined, PROXY)).toBe('10.0.0.1');
});

test('what the client wrote before a hop that cannot be read is not believed', () => {
  expect(clientAddress('10.0.0.1', '9.9.9.9, 203.0.113.5:51234', PROXY)).toBe('203.0.113.5');
  expect(clientAddress('10.0.0.1', '9.9.9.9, [2001:db8::7]:443', PROXY)).toBe('2001:db8::7');
  expect(clientAddress('10.0.0.1', '9.9.9.9, unknown', PROXY)).toBe('10.0.0.1');
});

test('#19 a limit counts an IPv4 address, and an IPv6 /64', () => {
  expect(addressBucket('203.0.113.5')).toBe(addressBucket('::ffff:203.0.113.5'));
  expect(addressBucket('2001:db8:1:2:3::4')).toBe(addressBucket('2001:db8:1:2:ffff::1'));
  expect(addressBucket('2001:db8:1:2::')).not.toBe(addressBucket('2001:db8:1:3::'));
});
