// The GraphQL client: same origin, cookies only, POST only, and one place that notices what the viewer no longer may.
import {
  Client,
  type CombinedError,
  cacheExchange,
  fetchExchange,
  getOperationName,
  mapExchange,
  type OperationResult,
} from '@urql/core';

interface Noticed {
  onSignedOut: () => void;
  /** The viewer is not what they were: not in an organization any more, or no administrator. */
  onForbidden: () => void;
}

export function createGraphQLClient({ onSignedOut, onForbidden }: Noticed): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    // The server refuses a request without this header: another site cannot add it.
    fetchOptions: { credentials: 'same-origin', headers: { 'x-graphql-yoga-csrf': '1' } },
    exchanges: [
      cacheExchange,
      mapExchange({
        onResult(result) {
          if (isSignedOut(result)) onSignedOut();
          if (result.error && hasCode(result.error, 'FORBIDDEN')) onForbidden();
        },
      }),
      fetchExchange,
    ],
  });
}

/** The session query is the one that may find nobody. An error below `viewer` also makes it null: that is no sign-out. */
function isSignedOut({ operation, data, error }: OperationResult): boolean {
  if (error) return hasCode(error, 'UNAUTHENTICATED');
  return data?.viewer === null && getOperationName(operation.query) !== 'Session';
}

const hasCode = ({ graphQLErrors }: CombinedError, code: string): boolean =>
  graphQLErrors.some(({ extensions }) => extensions.code === code);
