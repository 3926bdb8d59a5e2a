/** A connect token for oneself: what a script of the signed-in person uses in place of a client's sign-in. */
import { type MintRefusal, mintConnectTokenFor } from '../../core/authorizations/mint-connect-token.ts';
import {
  MAX_CONNECT_TOKEN_SECONDS,
  type Minter,
  USUAL_CONNECT_TOKEN_SECONDS,
} from '../../core/tokens/connect-token.ts';
import { builder } from './builder.ts';
import { viewerIn } from './context.ts';
import { NotFoundError, ValidationError } from './error.ts';
import { rowIdOf } from './global-id.ts';
import { needs } from './needs.ts';

function throwMintRefusal(refusal: MintRefusal): never {
  switch (refusal.kind) {
    case 'bad_expiry':
      throw new ValidationError('expiresIn', 'A connect token lasts between one minute and one hour.');
    case 'gone':
      throw new NotFoundError();
    case 'provider_sign_in_required':
      throw new ValidationError('connectionId', 'Sign in at the provider of this connection first, on its page.');
  }
}

builder.relayMutationField(
  'connectTokenMint',
  {
    description: 'Which connection to reach, and for how long.',
    inputFields: (t) => ({
      connectionId: t.id({ required: true, description: 'One that the viewer may use.' }),
      expiresIn: t.int({
        description: `Seconds, from 60 to ${MAX_CONNECT_TOKEN_SECONDS}; absent: ${USUAL_CONNECT_TOKEN_SECONDS}.`,
      }),
    }),
  },
  {
    description:
      "Makes a short-lived access token for a connection that the viewer may use. It is nobody else's, cannot be refreshed, and ends with the session or API key that made it.",
    errors: { types: [NotFoundError, ValidationError] },
    ...needs('tokens:mint'),
    resolve: async (_root, { input }, context) => {
      const viewer = viewerIn(context);
      const connectionId = rowIdOf('McpConnection', input.connectionId);
      if (connectionId === null) throw new NotFoundError();
      const minter: Minter = viewer.apiKey
        ? { kind: 'api_key', id: viewer.apiKey.id }
        : { kind: 'session', id: viewer.sessionId };
      const { database, keyring, base, clock } = context;
      const minted = await mintConnectTokenFor(
        { database, keyring, issuer: base, now: clock() },
        { userId: viewer.userId, minter },
        { connectionId, expiresIn: input.expiresIn ?? undefined },
      );
      return minted.ok ? minted.value : throwMintRefusal(minted.reason);
    },
  },
  {
    description: 'The token, which is shown this once.',
    outputFields: (t) => ({
      token: t.exposeString('token', { description: 'To be sent as `Authorization: Bearer`.' }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it stops working by itself.' }),
      url: t.exposeString('url', { description: 'The connect URL that it is good for.' }),
    }),
  },
);
