// The guard of every page that needs a person: leads to signing in, and back.
import { type ParsedLocation, redirect } from '@tanstack/react-router';
import { type SessionUser, sessionUser } from '../sign-in/session.ts';
import type { RouterContext } from './root.tsx';

export async function requireSession(args: {
  context: RouterContext;
  location: ParsedLocation;
}): Promise<{ user: SessionUser }> {
  const user = await sessionUser(args.context.client);
  if (!user) throw redirect({ to: '/sign-in', search: { returnTo: args.location.href } });
  return { user };
}
