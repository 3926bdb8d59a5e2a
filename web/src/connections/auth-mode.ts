// Auth modes in words.
import type { graphql } from '../graphql/graphql.ts';

export type AuthMode = ReturnType<typeof graphql.scalar<'AuthMode'>>;

export const authModeText: Record<AuthMode, string> = {
  NONE: 'No sign-in: the server accepts everyone who reaches it',
  STATIC_HEADERS: 'Fixed headers, kept sealed',
  OAUTH_DYNAMIC: 'Each person signs in at its provider',
  OAUTH_STATIC: 'Each person signs in at its provider, with a client of your own',
};

/** Whether people sign in at a provider. */
export const signsIn = (mode: AuthMode): boolean => mode === 'OAUTH_DYNAMIC' || mode === 'OAUTH_STATIC';

export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

export const grantCount = (count: number): string => `${count} active ${count === 1 ? 'grant' : 'grants'}`;
