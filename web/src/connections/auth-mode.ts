// Auth modes in words.
import type { graphql } from '../graphql/graphql.ts';

type AuthMode = ReturnType<typeof graphql.scalar<'AuthMode'>>;

export const authModeText: Record<AuthMode, string> = {
  NONE: 'No sign-in: the server accepts everyone who reaches it',
  STATIC_HEADERS: 'Fixed headers, kept sealed',
  OAUTH_DYNAMIC: 'OAuth, registered automatically',
  OAUTH_STATIC: 'OAuth, with a registered client',
};

/** The modes that a person can pick. */
export type PickableMode = 'NONE' | 'STATIC_HEADERS';

export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

export const grantCount = (count: number): string => `${count} active ${count === 1 ? 'grant' : 'grants'}`;
