// Auth modes in words.
import type { graphql } from '../graphql/graphql.ts';
import { words } from './texts.tsx';

export type AuthMode = ReturnType<typeof graphql.scalar<'AuthMode'>>;

export const authModeText: Record<AuthMode, string> = words.modes;

/** Whether people sign in at a provider. */
export const signsIn = (mode: AuthMode): boolean => mode === 'OAUTH_DYNAMIC' || mode === 'OAUTH_STATIC';
