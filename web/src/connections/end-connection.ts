// The mutations of the danger zone, each resolving to its receipt as a sentence.
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused, unhandled } from '../graphql/outcome.ts';
import { Receipt, receiptSentence } from '../ui/receipt.ts';
import type { DangerousAct } from './danger-zone.tsx';

const ConnectionRotateRoute = graphql(
  `
    mutation ConnectionRotateRoute($input: ConnectionRotateRouteInput!) {
      connectionRotateRoute(input: $input) {
        __typename
        ... on ConnectionRotateRoutePayload {
          connection {
            id
            url
          }
          receipt {
            ...Receipt
          }
        }
        ... on NotFoundError {
          message
        }
      }
    }
  `,
  [Receipt],
);

const ConnectionDisable = graphql(
  `
    mutation ConnectionDisable($input: ConnectionDisableInput!) {
      connectionDisable(input: $input) {
        __typename
        ... on ConnectionDisablePayload {
          connection {
            id
            status
          }
          receipt {
            ...Receipt
          }
        }
        ... on NotFoundError {
          message
        }
      }
    }
  `,
  [Receipt],
);

const ConnectionDelete = graphql(
  `
    mutation ConnectionDelete($input: ConnectionDeleteInput!) {
      connectionDelete(input: $input) {
        __typename
        ... on ConnectionDeletePayload {
          connectionId
          receipt {
            ...Receipt
          }
        }
        ... on NotFoundError {
          message
        }
      }
    }
  `,
  [Receipt],
);

export function useEndConnection(connectionId: string): (act: DangerousAct) => Promise<Outcome<string>> {
  const [, rotate] = useMutation(ConnectionRotateRoute);
  const [, disable] = useMutation(ConnectionDisable);
  const [, remove] = useMutation(ConnectionDelete);
  const input = { connectionId };
  // What these end shows in lists that their answers do not name.
  const context = { additionalTypenames: ['McpConnection', 'Grant', 'AuditEvent'] };

  return async (act) => {
    switch (act) {
      case 'rotate': {
        const { data, error } = await rotate({ input }, context);
        return data && !error ? told(data.connectionRotateRoute) : failed(error);
      }
      case 'disable': {
        const { data, error } = await disable({ input }, context);
        return data && !error ? told(data.connectionDisable) : failed(error);
      }
      case 'delete': {
        const { data, error } = await remove({ input }, context);
        return data && !error ? told(data.connectionDelete) : failed(error);
      }
    }
  };
}

type Told =
  | {
      __typename: 'ConnectionRotateRoutePayload' | 'ConnectionDisablePayload' | 'ConnectionDeletePayload';
      receipt: Parameters<typeof receiptSentence>[0];
    }
  | { __typename: 'NotFoundError'; message: string };

function told(outcome: Told): Outcome<string> {
  switch (outcome.__typename) {
    case 'ConnectionRotateRoutePayload':
    case 'ConnectionDisablePayload':
    case 'ConnectionDeletePayload':
      return done(receiptSentence(outcome.receipt));
    case 'NotFoundError':
      return refused(outcome.message);
    default:
      return unhandled(outcome);
  }
}
