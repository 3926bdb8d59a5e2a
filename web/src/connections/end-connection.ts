// The mutations of the danger zone, each resolving to its receipt as a sentence.
import { useMutation } from 'urql';
import { graphql } from '../graphql/graphql.ts';
import type { Outcome } from '../graphql/outcome.ts';
import { endedBy, Receipt } from '../ui/receipt.ts';
import type { DangerousAct } from './danger-zone.tsx';

const ConnectionRotateRoute = graphql(
  `
    mutation ConnectionRotateRoute($input: ConnectionRotateRouteInput!) {
      outcome: connectionRotateRoute(input: $input) {
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
        ... on Error {
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
      outcome: connectionDisable(input: $input) {
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
        ... on Error {
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
      outcome: connectionDelete(input: $input) {
        __typename
        ... on ConnectionDeletePayload {
          connectionId
          receipt {
            ...Receipt
          }
        }
        ... on Error {
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
      case 'rotate':
        return endedBy(await rotate({ input }, context));
      case 'disable':
        return endedBy(await disable({ input }, context));
      case 'delete':
        return endedBy(await remove({ input }, context));
    }
  };
}
