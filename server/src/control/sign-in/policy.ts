/** Who may make an account here. */
import type { Config } from '../../config.ts';
import { ok, type Result, refused } from '../../platform/result.ts';

/** Whether one more account may be made, and what it is: the first one of a new gateway is its admin. `isInvited`: the address was. */
export function checkSignUp(
  signUp: Config['signUp'],
  hasAccounts: boolean,
  isInvited: boolean,
): Result<'admin' | 'user', string> {
  if (!hasAccounts) return ok('admin');
  if (signUp === 'open' || (signUp === 'invite' && isInvited)) return ok('user');
  return refused(
    signUp === 'first'
      ? 'This gateway has its account already, and takes no further ones. Sign in instead.'
      : 'Accounts are made by invitation here. Ask an administrator for one.',
  );
}
