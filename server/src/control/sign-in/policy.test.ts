import { expect, test } from 'vitest';
import { checkSignUp } from './policy.ts';

const judge = (
  signUp: 'first' | 'invite' | 'open',
  hasAccounts: boolean,
  {
    domains = [],
    email = 'ada@example.com',
    isInvited = false,
  }: { domains?: string[]; email?: string; isInvited?: boolean } = {},
) => {
  const answer = checkSignUp({ signUp, signUpDomains: domains }, hasAccounts, { email, isInvited });
  return answer.ok ? answer.value : answer.reason.code;
};

test('the first account is the admin, whatever the mode and the domain', () => {
  for (const mode of ['first', 'invite', 'open'] as const)
    expect(judge(mode, false, { domains: ['example.org'] })).toBe('admin');
});

test('after that: nobody, whoever is invited, or anybody', () => {
  expect(judge('first', true)).toBe('SIGN_UP_CLOSED');
  expect(judge('first', true, { isInvited: true })).toBe('SIGN_UP_CLOSED');
  expect(judge('invite', true)).toBe('SIGN_UP_CLOSED');
  expect(judge('invite', true, { isInvited: true })).toBe('user');
  expect(judge('open', true)).toBe('user');
});

test('domains limit who is not invited, to the letter', () => {
  const domains = ['example.com'];
  for (const email of ['a@example.com', 'A@EXAMPLE.COM', '"a@evil"@example.com'])
    expect(judge('open', true, { domains, email }), email).toBe('user');
  for (const email of [
    'a@sub.example.com',
    'a@example.com.evil',
    'a@notexample.com',
    'a@example.com@evil.example',
    'example.com',
  ])
    expect(judge('open', true, { domains, email }), email).toBe('DOMAIN_NOT_ALLOWED');
  expect(judge('open', true, { domains, email: 'a@evil.example', isInvited: true })).toBe('user');
});
