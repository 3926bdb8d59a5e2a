// Lists with "Load more": the first page is the route's query, each further page stays subscribed, so that a change refetches all. How many
// are shown is kept in the history entry: whoever comes back to the list finds it as long as they left it.
import { useNavigate, useRouterState } from '@tanstack/react-router';
import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useCallback, useLayoutEffect, useState } from 'react';
import { useClient } from 'urql';
import { type PageQuery, usePageQuery } from './use-page-query.ts';

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** How many pages of the list are shown beside the first. */
    furtherPages?: number;
  }
}

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

interface Further<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
}

export function usePages<Data, Variables extends AnyVariables & object, Node extends { id: string }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  pageOf: (data: Data) => Page<Node> | undefined,
  typenames: string[] = [],
): Pages<Data, Node> {
  const client = useClient();
  const navigate = useNavigate();
  const first = usePageQuery(document, variables, typenames);
  const key = JSON.stringify(variables);
  // Another search is another entry, which says nothing of it.
  const wanted = useRouterState({ select: ({ location }) => location.state.furtherPages ?? 0 });
  const [kept, setKept] = useState<{ key: string; pages: readonly (Further<Data> | undefined)[] }>({ key, pages: [] });
  const further = kept.key === key ? kept.pages : [];

  // A page begins where the one before it ends now, not where that ended once: in an order that changes, a row that leaves it for the
  // next page would otherwise be in neither.
  const pages = [first.data && pageOf(first.data)];
  const cursors: string[] = [];
  for (let number = 0; number < wanted; number++) {
    const before = pages[number]?.pageInfo;
    if (!before?.hasNextPage || before.endCursor === null) break;
    cursors.push(before.endCursor);
    const data = further[number]?.data;
    pages.push(data && pageOf(data));
  }
  const cursorsKey = cursors.join('\n');

  // Before anything is painted: pages that are known already are there at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content
  useLayoutEffect(() => {
    const subscriptions = cursors.map((after, number) =>
      client.query(document, { ...variables, after }, { additionalTypenames: typenames }).subscribe(({ data, error }) =>
        setKept((before) => {
          const known = before.key === key ? [...before.pages] : [];
          known[number] = { data: error ? known[number]?.data : data, error };
          return { key, pages: known };
        }),
      ),
    );
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }, [client, document, key, cursorsKey]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content
  const refresh = useCallback(() => {
    first.refresh();
    for (const after of cursors) {
      const context = { additionalTypenames: typenames, requestPolicy: 'network-only' as const };
      client.query(document, { ...variables, after }, context).toPromise();
    }
  }, [client, document, first.refresh, key, cursorsKey]);

  // A row that moved up a page after a refetch would otherwise be there twice.
  const byId = new Map<string, Node>();
  for (const page of pages) for (const { node } of page?.edges ?? []) if (!byId.has(node.id)) byId.set(node.id, node);

  const last = pages.at(-1);
  const error = first.error ?? cursors.map((_, number) => further[number]?.error).find(Boolean);
  const shown = cursors.length;
  const show = (furtherPages: number) =>
    navigate({ to: '.', search: true, state: { furtherPages }, replace: true, resetScroll: false });
  return {
    ...first,
    error,
    refresh,
    nodes: [...byId.values()],
    more: last?.pageInfo.hasNextPage ? () => show(shown + 1) : undefined,
    paged: shown > 0,
    loadingMore: shown > 0 && last === undefined && !error,
  };
}
