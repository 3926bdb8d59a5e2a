/** What people are written to about their accounts. Links carry their token in the fragment, which no server and no Referer ever sees. */
import type { Mail } from '../../platform/mail.ts';

const IGNORE = 'If you did not ask for this, ignore this mail: nothing changes.';

const mail = (to: string, subject: string, lines: string[]): Mail => ({ to, subject, text: `${lines.join('\n\n')}\n` });

/** `base` is our own URL from the settings, whatever host a request named (#256). */
export const signUpMail = (base: string, to: string, token: string): Mail =>
  mail(to, 'Finish your Grantway account', [
    'To finish your account, open this link within an hour and choose a password:',
    `${base}/sign-up/finish#token=${token}`,
    IGNORE,
  ]);

export const accountExistsMail = (base: string, to: string): Mail =>
  mail(to, 'You have a Grantway account already', [
    `Somebody asked for an account at ${base} with this address. You have one already: sign in there, or ask for a new password.`,
    IGNORE,
  ]);

export const resetMail = (base: string, to: string, token: string): Mail =>
  mail(to, 'A new password for Grantway', [
    'To choose a new password, open this link within an hour:',
    `${base}/reset-password#token=${token}`,
    IGNORE,
  ]);

export const passwordChangedMail = (base: string, to: string, keysEnded: boolean): Mail =>
  mail(to, 'Your Grantway password was changed', [
    `The password of your account at ${base} was changed, and every other session ended.${keysEnded ? ' So did every API key of yours: make new ones where you use some.' : ''}`,
    'If that was not you, ask for a new password at once, and tell your administrator.',
  ]);

export const verifyMail = (base: string, to: string, token: string): Mail =>
  mail(to, 'Confirm your address for Grantway', [
    'To confirm that this address is yours, open this link within an hour:',
    `${base}/verify-email#token=${token}`,
    IGNORE,
  ]);
