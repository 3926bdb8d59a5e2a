/** Refusals that a person can act on: the error types of the result unions. */
import type { StoredRequest } from '../../core/authorizations/request.ts';
import type { ConnectionRefusal } from '../../core/connections/refusal.ts';
import { AuthorizationRequestStatus } from './authorization-request-status.ts';
import { builder } from './builder.ts';

export class NotFoundError extends Error {
  constructor() {
    super('There is no such thing here.');
  }
}

export class ValidationError extends Error {
  readonly field: string | null;
  constructor(field: string | null, message: string) {
    super(message);
    this.field = field;
  }
}

export class NotAllowedError extends Error {
  constructor(sentence = 'Your role in this organization does not let you do this.') {
    super(sentence);
  }
}

export class ConflictError extends Error {
  constructor() {
    super('Someone changed it in the meantime. Load it again.');
  }
}

export class AuthorizationClientChangedError extends Error {
  constructor() {
    super('The client has changed what it says of itself. Load this page again, and look before you decide.');
  }
}

export class AuthorizationRequestClosedError extends Error {
  readonly status: StoredRequest['status'];
  constructor(status: StoredRequest['status']) {
    super(CLOSED[status]);
    this.status = status;
  }
}

const CLOSED: Record<StoredRequest['status'], string> = {
  pending: 'This request is still open.',
  awaiting_provider: 'This request was approved already, and waits for the sign-in at the provider.',
  approved: 'This request was approved already.',
  denied: 'This request was denied already.',
  expired: 'This request has expired. Start again from the application.',
  revoked: 'This request was withdrawn. Start again from the application.',
};

/** Thrown by mutations: the errors plugin makes it a member of the union. */
export function throwRefusal(refusal: ConnectionRefusal): never {
  switch (refusal.kind) {
    case 'not_found':
      throw new NotFoundError();
    case 'conflict':
      throw new ConflictError();
    case 'invalid':
      throw new ValidationError(refusal.field, refusal.message);
  }
}

const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description: 'A refusal that a person can act on.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong and what to do, in a sentence for a person.' }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'The thing does not exist, or is not yours: the two are the same.',
  interfaces: [ErrorInterface],
});

builder.objectType(ValidationError, {
  name: 'ValidationError',
  description: 'An input that a person can put right.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.exposeString('field', {
      nullable: true,
      description: 'The input field at fault; null when it is the whole.',
    }),
  }),
});

builder.objectType(NotAllowedError, {
  name: 'NotAllowedError',
  description: 'One sees the thing, but one’s role does not let one do this with it.',
  interfaces: [ErrorInterface],
});

builder.objectType(ConflictError, {
  name: 'ConflictError',
  description: 'Someone changed it in the meantime: load it again.',
  interfaces: [ErrorInterface],
});

builder.objectType(AuthorizationRequestClosedError, {
  name: 'AuthorizationRequestClosedError',
  description: 'The request was decided, expired or withdrawn before.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    status: t.expose('status', { type: AuthorizationRequestStatus, description: 'What became of it.' }),
  }),
});

builder.objectType(AuthorizationClientChangedError, {
  name: 'AuthorizationClientChangedError',
  description: 'The client is described otherwise than it was shown: what it says now has to be looked at first.',
  interfaces: [ErrorInterface],
});
