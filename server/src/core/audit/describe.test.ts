import { expect, test } from 'vitest';
import { describe, describeReason } from './describe.ts';
import { AUDIT_KINDS, REVOCATION_REASONS } from './events.ts';

test('every kind has one sentence, with any detail or none', () => {
  for (const kind of AUDIT_KINDS) {
    for (const detail of [
      {},
      null,
      [],
      'text',
      { name: 'A', label: 'laptop', reason: 'expired', changed: ['name', 'remoteUrl'] },
    ]) {
      const sentence = describe(kind, detail);
      expect(sentence, kind).toMatch(/^[A-Z“].*\.$/u);
      expect(sentence, kind).not.toContain(kind);
      expect(sentence, kind).not.toMatch(/undefined|null|\[object| {2}| \./);
    }
  }
});

test('every reason of a revocation is told', () => {
  for (const reason of REVOCATION_REASONS) expect(describeReason(reason)).not.toContain('not recorded');
  expect(describe('grant.revoked', { reason: 'route_rotated' })).toBe(
    'An authorization ended, because the connection got a new address.',
  );
  expect(describe('grant.revoked', { reason: 'constructor' })).toContain('not recorded');
});

test('whom it is about is named, and the reader is “you”', () => {
  const about = { client: 'Coding agent', connection: 'Warehouse', byReader: true };
  expect(describe('authorization.approved', {}, about)).toBe('“Coding agent” was authorized to use “Warehouse”.');
  expect(describe('authorization.approved', {}, { ...about, host: 'app.example' })).toBe(
    'app.example was authorized to use “Warehouse”.',
  );
  expect(describe('grant.revoked', { reason: 'user_revoked' }, about)).toBe(
    'The authorization of “Coding agent” to use “Warehouse” ended, because you took it back.',
  );
  expect(describe('stream.ended', { because: 'revoked', streams: 1 }, about)).toBe(
    'An open stream of “Coding agent” to “Warehouse” was cut.',
  );
  expect(describe('runtime.denied', {}, { client: null, connection: 'Warehouse' })).toBe(
    'Requests of a client to “Warehouse” were turned away.',
  );
  expect(describe('session.started', { method: 'password' }, about)).toBe('You signed in with your password.');
  expect(describe('session.started', { method: 'password' })).toBe('Someone signed in with the password.');
  for (const kind of AUDIT_KINDS)
    for (const one of [about, { connection: 'W' }, { client: 'C' }, { host: 'h.example' }])
      expect(describe(kind, { label: 'laptop' }, one), kind).toMatch(/^(h\.example |[A-Z“]).*\.$/u);
});

test('#267 a name cannot write lines or sentences of its own into the record', () => {
  expect(describe('connection.created', { name: 'x” was deleted.\nThe connection “y' })).toBe(
    'The connection “x was deleted. The connection y” was created.',
  );
  expect(describe('authorization.approved', {}, { client: 'x” was denied.\n“y', connection: 'A' })).toBe(
    '“x was denied. y” was authorized to use “A”.',
  );
  expect(describe('connection.created', { name: 'n'.repeat(500) }).length).toBeLessThan(130);
});

test('a kind that is not known is only named', () => {
  expect(describe('organization.praised', {})).toBe('Something happened: organization.praised.');
});
