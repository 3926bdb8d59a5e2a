// Says aloud that a client has come while one was looking.
import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { page as texts } from './texts.tsx';

interface Props {
  /** What the list is a list of: another filter's clients have not just arrived. */
  of: string;
  /** Absent until the list is there. */
  clients: readonly { id: string; title: string }[] | undefined;
  /** How many could be there without anyone having come: those of a page that was just asked for. */
  paging: boolean;
}

export function Arrivals({ of, clients, paging }: Props) {
  const known = useRef<{ of: string; ids: Set<string> }>(undefined);
  const [news, setNews] = useState('');
  useEffect(() => {
    if (!clients) return;
    const before = known.current;
    const ids = new Set([...(before?.of === of ? before.ids : []), ...clients.map(({ id }) => id)]);
    known.current = { of, ids };
    if (before?.of !== of || paging) return;
    const arrived = clients.filter(({ id }) => !before.ids.has(id));
    if (arrived.length > 0) setNews(texts.arrived(arrived.map(({ title }) => title).join(', ')));
  }, [of, clients, paging]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {news}
    </VisuallyHidden>
  );
}
