import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const OIDC = { GRANTWAY_OIDC_ISSUER: 'https://id.example.com', GRANTWAY_OIDC_CLIENT_ID: 'grantway' };
const MAIL = { GRANTWAY_SMTP_URL: 'smtp://mail.example.com', GRANTWAY_MAIL_FROM: 'Grantway <g@example.com>' };

test('without any of them: passwords, no mail, no single sign-on, every domain', () => {
  expect(readConfig({})).toMatchObject({
    signUp: 'first',
    signUpDomains: [],
    passwordSignIn: true,
    oidc: null,
    mail: null,
    mailNewClients: true,
  });
});

test('with all of them', () => {
  const config = readConfig({
    ...OIDC,
    ...MAIL,
    GRANTWAY_OIDC_NAME: 'Example',
    GRANTWAY_SIGN_UP: 'open',
    GRANTWAY_SIGN_UP_DOMAINS: 'Example.com, example.org',
    GRANTWAY_PASSWORD_SIGN_IN: 'off',
    GRANTWAY_MAIL_NEW_CLIENTS: 'off',
  });
  expect(config).toMatchObject({
    signUpDomains: ['example.com', 'example.org'],
    passwordSignIn: false,
    oidc: { issuer: 'https://id.example.com', clientId: 'grantway', scopes: ['openid', 'email', 'profile'] },
    mail: { url: 'smtp://mail.example.com', from: 'Grantway <g@example.com>' },
    mailNewClients: false,
  });
});

test('#292 what is wrong, or does not fit together, stops the start with a line that names it', () => {
  const wrong: [Record<string, string>, RegExp][] = [
    [{ GRANTWAY_OIDC_ISSUER: 'https://id.example.com' }, /^GRANTWAY_OIDC_CLIENT_ID: /],
    [{ GRANTWAY_OIDC_CLIENT_ID: 'a' }, /^GRANTWAY_OIDC_ISSUER: /],
    [{ ...OIDC, GRANTWAY_OIDC_ISSUER: 'http://id.example.com' }, /^GRANTWAY_OIDC_ISSUER: must be an https/],
    [{ ...OIDC, GRANTWAY_OIDC_SCOPES: 'openid  email' }, /^GRANTWAY_OIDC_SCOPES: /],
    [{ GRANTWAY_SMTP_URL: 'smtp://a' }, /^GRANTWAY_MAIL_FROM: /],
    [{ GRANTWAY_MAIL_FROM: 'a@example.com' }, /^GRANTWAY_SMTP_URL: /],
    [{ ...MAIL, GRANTWAY_MAIL_FROM: 'Grantway' }, /^GRANTWAY_MAIL_FROM: must be an address/],
    [{ ...MAIL, GRANTWAY_SMTP_URL: 'mail.example.com' }, /^GRANTWAY_SMTP_URL: must begin/],
    [{ GRANTWAY_PASSWORD_SIGN_IN: 'off' }, /^GRANTWAY_PASSWORD_SIGN_IN: .*nobody/],
    [{ GRANTWAY_SIGN_UP_DOMAINS: '@example.com' }, /^GRANTWAY_SIGN_UP_DOMAINS: "@example.com" is not/],
    [{ GRANTWAY_SIGN_UP_DOMAINS: 'example.com', GRANTWAY_SIGN_UP: 'open' }, /^GRANTWAY_SIGN_UP_DOMAINS: .*proved/],
  ];
  for (const [environment, line] of wrong) expect(() => readConfig(environment)).toThrow(line);
  expect(() => readConfig({ ...OIDC, GRANTWAY_OIDC_ISSUER: 'http://localhost:9000' })).not.toThrow();
});
