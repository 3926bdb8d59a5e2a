// The GraphQL client: same origin, cookies only, POST only, and one place that notices that nobody is signed in.
import { Client, cacheExchange, fetchExchange, getOperationName, mapExchange, type OperationResult } from '@urql/core';

export function createGraphQLClient(onSignedOut: () => void): Client {
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
        },
      }),
      fetchExchange,
    ],
  });
}

/** The session query is the one that may find nobody. An error below `viewer` also makes it null: that is no sign-out. */
function isSignedOut({ operation, data, error }: OperationResult): boolean {
  if (error) return error.graphQLErrors.some((one) => one.extensions.code === 'UNAUTHENTICATED');
  return data?.viewer === null && getOperationName(operation.query) !== 'Session';
}
