/** Allowing and denying what a client asks for. */
import { approve, type DecisionRefusal, deny } from '../../core/authorizations/decide.ts';
import { browserOf } from './authorization-request.ts';
import { builder } from './builder.ts';
import { type Context, tooOften, viewerIn } from './context.ts';
import {
  AuthorizationClientChangedError,
  AuthorizationRequestClosedError,
  NotFoundError,
  ValidationError,
} from './error.ts';
import { rowIdOf } from './global-id.ts';
import { noKey } from './needs.ts';
import { mailNewClient } from './new-client-mail.ts';

const deciderIn = (context: Context) => ({ userId: viewerIn(context).userId, browser: browserOf(context) });
const settingsOf = ({ base, codeLifetime, clock, providers, discoveries }: Context) => ({
  issuer: base,
  codeLifetime,
  clock,
  providers,
  looks: discoveries,
});

/** A new reason does not compile until it has a sentence here. */
function throwDecision(refusal: DecisionRefusal): never {
  switch (refusal.kind) {
    case 'not_found':
      throw new NotFoundError();
    case 'closed':
      throw new AuthorizationRequestClosedError(refusal.status);
    case 'pick_connection':
      throw new ValidationError('connectionId', 'Pick the connection that this client may use.');
    case 'client_changed':
      throw new AuthorizationClientChangedError();
    case 'bad_expiry':
      throw new ValidationError(
        'expiresIn',
        'An authorization lasts between one minute and 366 days, or until you revoke it.',
      );
    case 'sign_in_required':
      throw new ValidationError(null, 'The application asks that you sign in again before you decide.');
    case 'user_blocked':
      throw new ValidationError(null, 'Your account is blocked: it cannot authorize clients.');
    case 'connection_unavailable':
      throw new ValidationError(
        'connectionId',
        'You cannot let a client use this connection: it is gone, disabled, or not yours to use.',
      );
    case 'client_gone':
      throw new ValidationError(null, 'This client no longer exists. Start again from the application.');
    case 'provider_sign_in_required':
      throw new ValidationError(null, 'The connection was changed just now. Load this page again.');
    case 'too_often':
      throw tooOften(refusal.retryAfter);
    case 'provider_unavailable':
      throw new ValidationError('connectionId', refusal.message);
  }
}

builder.relayMutationField(
  'authorizationApprove',
  {
    description: 'Which request to allow, for how long, and for which connection where that is open.',
    inputFields: (t) => ({
      requestId: t.string({ required: true, description: 'The id of the AuthorizationRequest.' }),
      expiresIn: t.int({ description: 'Seconds; absent: until revoked.' }),
      connectionId: t.id({ description: 'One of candidateConnections. Absent where the connection is settled.' }),
    }),
  },
  {
    description: 'Allows what a client asks for. Once: a decided request stays decided.',
    errors: {
      types: [NotFoundError, ValidationError, AuthorizationRequestClosedError, AuthorizationClientChangedError],
    },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const { requestId, expiresIn, connectionId } = input;
      // An id that names nothing is nobody's candidate.
      const picked = connectionId ? (rowIdOf('McpConnection', connectionId) ?? '') : undefined;
      const choice = { connectionId: picked, expiresIn: expiresIn ?? undefined };
      const begun = context.clock();
      const decided = await approve(context.database, requestId, deciderIn(context), choice, settingsOf(context));
      if (!decided.ok) throwDecision(decided.reason);
      context.metrics?.decided('allowed');
      mailNewClient(context, requestId, begun).catch((error: unknown) =>
        context.database.log.error({ err: error }, 'the mail about a new client was not written'),
      );
      return decided.value;
    },
  },
  {
    description:
      'Where the browser goes: to the client with the answer, or to the provider of the connection first, where the viewer is not signed in there.',
    outputFields: (t) => ({
      redirectTo: t.exposeString('redirectTo', { description: 'The URL to go to, at once and by a full page load.' }),
    }),
  },
);

builder.relayMutationField(
  'authorizationDeny',
  {
    description: 'Which request to deny.',
    inputFields: (t) => ({
      requestId: t.string({ required: true, description: 'The id of the AuthorizationRequest.' }),
    }),
  },
  {
    description: 'Denies what a client asks for. Nothing is kept but the record.',
    errors: { types: [NotFoundError, AuthorizationRequestClosedError] },
    ...noKey,
    resolve: async (_root, { input }, context) => {
      const decided = await deny(context.database, input.requestId, deciderIn(context), settingsOf(context));
      if (!decided.ok) throwDecision(decided.reason);
      context.metrics?.decided('denied');
      return decided.value;
    },
  },
  {
    description: 'Where the browser goes with the answer.',
    outputFields: (t) => ({
      redirectTo: t.exposeString('redirectTo', { description: 'The redirect URI of the client, with the refusal.' }),
    }),
  },
);
