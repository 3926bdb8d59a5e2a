/** Who may make an account here. */
import type { Config } from '../../config.ts';
import { ok, type Result, refused } from '../../platform/result.ts';

export type SignUpRefusal = { code: 'SIGN_UP_CLOSED' | 'DOMAIN_NOT_ALLOWED'; message: string };

/** What is known of whoever wants an account. */
export type Applicant = {
  email: string;
  /** Whether an open invitation is for this address. */
  isInvited: boolean;
};

/**
 * Whether one more account may be made, and what it is: the first one of a new gateway is its admin, from whichever domain. Does not
 * check that the address is theirs.
 */
export function checkSignUp(
  { signUp, signUpDomains }: Pick<Config, 'signUp' | 'signUpDomains'>,
  hasAccounts: boolean,
  { email, isInvited }: Applicant,
): Result<'admin' | 'user', SignUpRefusal> {
  if (!hasAccounts) return ok('admin');
  if (signUp === 'first')
    return closed('This gateway has its account already, and takes no further ones. Sign in instead.');
  if (isInvited) return ok('user');
  if (signUp === 'invite') return closed('Accounts are made by invitation here. Ask an administrator for one.');
  if (!isOfDomains(signUpDomains, email)) {
    return refused({
      code: 'DOMAIN_NOT_ALLOWED',
      message: 'Accounts here are for addresses of certain domains, and this is none of them.',
    });
  }
  return ok('user');
}

const closed = (message: string) => refused({ code: 'SIGN_UP_CLOSED' as const, message });

/** A domain is itself alone: a subdomain is another one. */
function isOfDomains(domains: readonly string[], email: string): boolean {
  const at = email.lastIndexOf('@');
  return (
    domains.length === 0 ||
    (at > 0 &&
      domains.includes(
        email
          .slice(at + 1)
          .trim()
          .toLowerCase(),
      ))
  );
}
