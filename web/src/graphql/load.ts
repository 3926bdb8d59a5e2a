// What route loaders call: the query through urql, so that the component which reads the same document finds it in the cache.
import type { AnyVariables, Client, TypedDocumentNode } from '@urql/core';

/** Known data is shown at once and refreshed behind it; unknown data is waited for. Throws a CombinedError. */
export async function load<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  typenames: string[] = [],
): Promise<void> {
  const context = { additionalTypenames: typenames };
  const cached = await client.query(document, variables, { ...context, requestPolicy: 'cache-only' }).toPromise();
  if (cached.data) {
    // After the page stands: urql would let a page that mounts during this request wait for it. A failure of it reaches
    // the page, which keeps the old data and says so.
    setTimeout(() => client.query(document, variables, { ...context, requestPolicy: 'network-only' }).toPromise(), 100);
    return;
  }
  const result = await client.query(document, variables, context).toPromise();
  if (result.error) throw result.error;
}
