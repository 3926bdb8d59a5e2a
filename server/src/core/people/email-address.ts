/** E-mail addresses: one rule and one spelling for accounts and for invitations, so that whoever is invited can have an account. */

// No quoted local part, no comment, and nothing that is there unseen: two addresses that look the same are one person to whoever invites.
const PART = String.raw`[^\s@<>"(),:;\\\p{C}\p{Default_Ignorable_Code_Point}]`;
const EMAIL = new RegExp(`^${PART}{1,64}@${PART}+\\.${PART}+$`, 'u');
/** RFC 5321 §4.5.3.1, and the angle brackets of §4.1.2. */
const MAX_LENGTH = 254;

/** One spelling per address, as better-auth keeps them. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();

/** Whether it can be one. Does not check that anybody has it. */
export const isEmail = (email: string): boolean => email.length <= MAX_LENGTH && EMAIL.test(email);
