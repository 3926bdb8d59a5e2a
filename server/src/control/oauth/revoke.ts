/** The revocation endpoint (RFC 7009): a client signs out, and its sign-in ends with all of its tokens. */
import type { Context } from 'hono';
import { revokeFamilies } from '../../core/grants/revoke.ts';
import { NO_STORE } from '../../platform/http/reply.ts';
import { transact } from '../../platform/transact.ts';
import { authenticateClient } from './client-credentials.ts';
import { oauthError } from './oauth-error.ts';
import { findFamily } from './presented-token.ts';
import type { OAuthServer } from './server.ts';
import { readTokenForm } from './token-form.ts';

export const revoke =
  (server: OAuthServer) =>
  async (c: Context): Promise<Response> => {
    const form = await readTokenForm(c);
    if (!form.ok) return form.reason;
    const caller = await authenticateClient(server, c, form.value);
    if (!caller.ok) return caller.reason;
    const token = form.value.get('token');
    if (token === undefined) return oauthError(400, 'invalid_request', 'token is missing.');
    const family = await findFamily(server, token, caller.value.client);
    if (family) await endFamily(server, family);
    // RFC 7009 §2.2: an unknown token is as good as a revoked one; another client's is unknown to this one.
    return new Response(null, { status: 200, headers: NO_STORE });
  };

/** Answers only when it is durable. The grant ends with its last family. */
async function endFamily(
  server: OAuthServer,
  { grantId, familyId }: { grantId: string; familyId: string },
): Promise<void> {
  const which = { grantId, familyIds: [familyId], andGrantWhenLast: true };
  const ended = await transact(server.database, (tx) =>
    revokeFamilies(tx, which, 'client_revoked', { userId: null }, server.clock()),
  );
  server.endStreams({ grantIds: ended.grantIds, familyIds: ended.familyIds });
}
