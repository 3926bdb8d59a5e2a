// Lists with "Load more": the first page is the route's query, each further page stays subscribed, so that a change refetches all.
import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { type PageQuery, usePageQuery } from './use-page-query.ts';

interface Page<Node> {
  edges: readonly { node: Node }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Pages<Data, Node> extends PageQuery<Data> {
  nodes: Node[];
  /** Absent when everything is shown. */
  more: (() => void) | undefined;
  loadingMore: boolean;
  /** More than the first page is shown. */
  paged: boolean;
}

export function usePages<Data, Variables extends AnyVariables & object, Node extends { id: string }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pageOf: (data: Data) => Page<Node> | undefined,
  typenames: string[] = [],
): Pages<Data, Node> {
  const client = useClient();
  const first = usePageQuery(document, variables, typenames);
  const key = JSON.stringify(variables);
  const [wanted, setWanted] = useState<{ key: string; cursors: string[] }>({ key, cursors: [] });
  const [further, setFurther] = useState<Record<string, { data?: Data; error?: CombinedError }>>({});
  const cursors = wanted.key === key ? wanted.cursors : [];
  const wantedKey = cursors.join('\n');

  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content
  useEffect(() => {
    const subscriptions = cursors.map((after) =>
      client
        .query(document, { ...variables, after }, { additionalTypenames: typenames })
        .subscribe(({ data, error }) =>
          setFurther((pages) => ({ ...pages, [after]: { data: error ? pages[after]?.data : data, error } })),
        ),
    );
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }, [client, document, key, wantedKey]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content
  const refresh = useCallback(() => {
    first.refresh();
    for (const after of cursors) {
      const context = { additionalTypenames: typenames, requestPolicy: 'network-only' as const };
      client.query(document, { ...variables, after }, context).toPromise();
    }
  }, [client, document, first.refresh, key, wantedKey]);

  const pages = [first.data, ...cursors.map((cursor) => further[cursor]?.data)].map((data) => data && pageOf(data));
  const nodes = useMemo(() => {
    // A row that moved up a page after a refetch would otherwise be there twice.
    const byId = new Map<string, Node>();
    for (const page of pages) for (const { node } of page?.edges ?? []) if (!byId.has(node.id)) byId.set(node.id, node);
    return [...byId.values()];
  }, [pages]);

  const last = pages.at(-1);
  const next = last?.pageInfo.hasNextPage ? last.pageInfo.endCursor : null;
  const error = first.error ?? cursors.map((cursor) => further[cursor]?.error).find(Boolean);
  return {
    ...first,
    error,
    refresh,
    nodes,
    more: next ? () => setWanted({ key, cursors: [...cursors, next] }) : undefined,
    paged: cursors.length > 0,
    loadingMore: cursors.length > 0 && last === undefined && !error,
  };
}
