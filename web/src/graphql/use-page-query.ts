// How a page reads its query: the last good data stays while a refresh runs or has failed, and the page can say which.
import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useClient, useQuery } from 'urql';

export interface PageQuery<Data> {
  /** Undefined while the first answer is awaited, or when it failed. */
  data: Data | undefined;
  /** The last attempt failed. With `data`: what is shown may be out of date. */
  error: CombinedError | undefined;
  refreshing: boolean;
  refresh: () => void;
}

export function usePageQuery<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  typenames: string[] = [],
): PageQuery<Data> {
  const client = useClient();
  const key = JSON.stringify(variables);
  const tags = typenames.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: compared by content
  const stable = useMemo(
    () => ({ variables, context: { additionalTypenames: tags ? tags.split(',') : [] } }),
    [key, tags],
  );
  const [{ data, error, fetching, stale }] = useQuery<Data, Variables>({ query: document, ...stable } as never);

  const [kept, setKept] = useState<{ key: string; data: Data }>();
  const good = data !== undefined && data !== null && !error ? data : undefined;
  if (good !== undefined && (kept?.key !== key || kept.data !== good)) setKept({ key, data: good });

  const refresh = useCallback(() => {
    client.query(document, stable.variables, { ...stable.context, requestPolicy: 'network-only' }).toPromise();
  }, [client, document, stable]);

  // Coming back to the page is the moment at which old data would mislead.
  useEffect(() => {
    const onVisible = () => globalThis.document.visibilityState === 'visible' && refresh();
    globalThis.document.addEventListener('visibilitychange', onVisible);
    return () => globalThis.document.removeEventListener('visibilitychange', onVisible);
  }, [refresh]);

  return { data: good ?? (kept?.key === key ? kept.data : undefined), error, refreshing: fetching || stale, refresh };
}
