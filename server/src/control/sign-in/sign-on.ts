/** The two halves of single sign-on: leaving for the provider, and coming back. */

import type { Context } from 'hono';
import { hasOpenInvitation } from '../../core/people/invite.ts';
import { json, NO_STORE } from '../../platform/http/reply.ts';
import { begun } from './begin-session.ts';
import { welcome } from './first-account.ts';
import { inTurn } from './in-turn.ts';
import type { ReadRequest, SignIn } from './open.ts';
import { checkSignUp } from './policy.ts';
import { away, refusal } from './refusal.ts';
import { returnTo } from './return-to.ts';
import { SSO_CALLBACK_PATH, SSO_PROVIDER } from './sso.ts';

/** Answers with the provider's address, to which the page then goes: `{ url }`. */
export async function leaveForProvider(signIn: SignIn, { context, body }: ReadRequest): Promise<Response> {
  const { config } = signIn.deps;
  if (!config.oidc) return refusal(404, 'NOT_FOUND', 'There is nothing here.');
  const asked = {
    provider: SSO_PROVIDER,
    callbackURL: returnTo(config.url, body.returnTo),
    errorCallbackURL: `${config.url}/sign-in`,
    disableRedirect: true,
  };
  const { response, databaseAway } = await signIn.auth.answer(
    signIn.forward(context, '/api/auth/sign-in/social', asked),
  );
  if (databaseAway) return away();
  if (response.status === 429) return response;
  const answer = response.ok ? ((await response.json()) as { url?: unknown }) : {};
  if (typeof answer.url !== 'string') {
    const sentence = `${config.oidc.name} does not answer now. Try again in a moment.`;
    return refusal(503, 'SSO_AWAY', sentence, { 'retry-after': '10' });
  }
  const headers = new Headers(NO_STORE);
  for (const cookie of response.headers.getSetCookie()) headers.append('set-cookie', cookie);
  return new Response(JSON.stringify({ url: answer.url }), {
    headers: [...headers, ['content-type', 'application/json']],
  });
}

/** Answers the browser that comes back: a session and a redirect to where it wanted to go, or to the sign-in page with the reason. */
export async function returnFromProvider(signIn: SignIn, context: Context): Promise<Response> {
  const { config, database, clock } = signIn.deps;
  if (!config.oidc) return refusal(404, 'NOT_FOUND', 'There is nothing here.');
  const before = await signIn.viewerOf(context.req.raw.headers);
  return inTurn(database, signIn.hasAccounts, async () => {
    const isFirst = !(await signIn.hasAccounts());
    const judge = async (email: string) => {
      const isInvited = config.signUp !== 'first' && (await hasOpenInvitation(database, email, clock()));
      return checkSignUp(config, !isFirst, { email, isInvited });
    };
    const answer = await signIn.auth.answer(signIn.forward(context, SSO_CALLBACK_PATH), { judge });
    if (answer.databaseAway) return away();
    if (answer.createdUserId) await welcome(signIn.deps, answer.createdUserId, isFirst);
    await begun(signIn, answer, 'sso', before);
    const headers = new Headers(answer.response.headers);
    headers.set('cache-control', 'no-store');
    headers.set('referrer-policy', 'no-referrer');
    // better-auth's words about a fault are for developers: whoever reads the page gets those of the page.
    if (answer.response.status < 400)
      return new Response(answer.response.body, { status: answer.response.status, headers });
    return json(
      answer.response.status,
      { code: 'SSO_FAILED', message: 'The sign-in did not work. Try again.' },
      NO_STORE,
    );
  });
}
