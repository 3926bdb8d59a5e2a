// Who has access to a connection, in words.
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { words } from './texts.tsx';

export const ClientCount_connection = graphql(`
  fragment ClientCount_connection on McpConnection {
    activeClientCount
    owner {
      __typename
    }
  }
`);

/** The viewer's own clients. */
export function clientCount(masked: FragmentOf<typeof ClientCount_connection>): string {
  const { activeClientCount, owner } = readFragment(ClientCount_connection, masked);
  return owner.__typename === 'Organization' ? words.yourClients(activeClientCount) : words.clients(activeClientCount);
}
