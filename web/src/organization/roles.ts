// The roles in an organization, in words.
import { roles as texts } from './texts.ts';

export type Role = 'OWNER' | 'ADMIN' | 'MEMBER';

export const roleNames: Record<Role, string> = texts;

export const isManager = (role: Role | null | undefined): boolean => role === 'OWNER' || role === 'ADMIN';

/** The roles that somebody of this role may give, and whose holders they may remove. */
export const manageable = (role: Role | null | undefined): Role[] =>
  role === 'OWNER' ? ['OWNER', 'ADMIN', 'MEMBER'] : role === 'ADMIN' ? ['ADMIN', 'MEMBER'] : [];

export const roleOptions = (roles: Role[]) => roles.map((value) => ({ value, label: roleNames[value] }));
