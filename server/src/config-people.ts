/** The settings of people's sign-in and of mail: a part of config.ts, with what has to fit together. */
import { z } from 'zod';

const onOff = (fallback: 'on' | 'off') => z.enum(['on', 'off'], { error: 'must be on or off' }).default(fallback);

const isDomain = (text: string): boolean => /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/.test(text);
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** An OpenID Connect issuer: as the provider writes it, to the letter. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) && !search && !hash;
}

export const PEOPLE_ENVIRONMENT = {
  GRANTWAY_SIGN_UP: z.enum(['first', 'invite', 'open'], { error: 'must be first, invite or open' }).default('first'),
  GRANTWAY_SIGN_UP_DOMAINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .toLowerCase()
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .superRefine((domains, context) => {
      const wrong = domains.find((domain) => !isDomain(domain));
      if (wrong !== undefined)
        context.addIssue({ code: 'custom', message: `"${wrong}" is not a domain, such as example.com` });
    }),
  GRANTWAY_PASSWORD_SIGN_IN: onOff('on'),
  GRANTWAY_OIDC_ISSUER: z
    .string()
    .refine(isIssuer, 'must be an https:// URL: the issuer, as its discovery document writes it')
    .optional(),
  GRANTWAY_OIDC_CLIENT_ID: z.string().min(1).optional(),
  GRANTWAY_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  GRANTWAY_OIDC_NAME: z.string().min(1).max(40, 'has at most 40 characters').default('single sign-on'),
  GRANTWAY_OIDC_SCOPES: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, 'must be scopes with one space between them')
    .default('openid email profile'),
  GRANTWAY_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must begin with smtp:// or smtps://')
    .refine((text) => URL.canParse(text), 'is not a URL')
    .optional(),
  GRANTWAY_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<]+@[^\s@>]+>?$/, 'must be an address, such as Grantway <grantway@example.com>')
    .optional(),
  GRANTWAY_MAIL_NEW_CLIENTS: onOff('on'),
};

export type PeopleSettings = Readonly<{
  signUp: 'first' | 'invite' | 'open';
  /** The e-mail domains whose people may make accounts; empty: any. */
  signUpDomains: readonly string[];
  passwordSignIn: boolean;
  /** Single sign-on by OpenID Connect; null where there is none. */
  oidc: Readonly<{
    issuer: string;
    clientId: string;
    clientSecret: string | undefined;
    name: string;
    scopes: readonly string[];
  }> | null;
  /** Null where no mail can be sent. */
  mail: Readonly<{ url: string; from: string }> | null;
  /** Whether a person gets a mail when a client is authorized for the first time. */
  mailNewClients: boolean;
}>;

type Parsed = z.infer<z.ZodObject<typeof PEOPLE_ENVIRONMENT>>;

/** Puts the settings together. `complain` is given the setting at fault and what is wrong with it, and throws. */
export function readPeopleSettings(env: Parsed, complain: (setting: string, what: string) => never): PeopleSettings {
  const { GRANTWAY_OIDC_ISSUER: issuer, GRANTWAY_OIDC_CLIENT_ID: clientId } = env;
  const { GRANTWAY_SMTP_URL: url, GRANTWAY_MAIL_FROM: from } = env;
  if (issuer && !clientId) complain('GRANTWAY_OIDC_CLIENT_ID', 'GRANTWAY_OIDC_ISSUER needs it');
  if (clientId && !issuer) complain('GRANTWAY_OIDC_ISSUER', 'GRANTWAY_OIDC_CLIENT_ID needs it');
  if (url && !from) complain('GRANTWAY_MAIL_FROM', 'GRANTWAY_SMTP_URL needs it');
  if (from && !url) complain('GRANTWAY_SMTP_URL', 'GRANTWAY_MAIL_FROM needs it');
  const passwordSignIn = env.GRANTWAY_PASSWORD_SIGN_IN === 'on';
  if (!passwordSignIn && !issuer)
    complain('GRANTWAY_PASSWORD_SIGN_IN', 'without passwords and without GRANTWAY_OIDC_ISSUER nobody could sign in');
  const hasDomains = env.GRANTWAY_SIGN_UP_DOMAINS.length > 0;
  if (hasDomains && env.GRANTWAY_SIGN_UP === 'open' && passwordSignIn && !url)
    // Anybody could claim an address of the domain.
    complain(
      'GRANTWAY_SIGN_UP_DOMAINS',
      'an address is proved by a mail: set GRANTWAY_SMTP_URL, or GRANTWAY_PASSWORD_SIGN_IN=off',
    );
  return Object.freeze({
    signUp: env.GRANTWAY_SIGN_UP,
    signUpDomains: env.GRANTWAY_SIGN_UP_DOMAINS,
    passwordSignIn,
    oidc:
      issuer && clientId
        ? Object.freeze({
            issuer,
            clientId,
            clientSecret: env.GRANTWAY_OIDC_CLIENT_SECRET,
            name: env.GRANTWAY_OIDC_NAME,
            scopes: env.GRANTWAY_OIDC_SCOPES.split(' '),
          })
        : null,
    mail: url && from ? Object.freeze({ url, from }) : null,
    mailNewClients: env.GRANTWAY_MAIL_NEW_CLIENTS === 'on',
  });
}
