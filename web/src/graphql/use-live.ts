// Keeps a page current while someone looks at it: at once when the server tells of a change, and every few seconds for what is no event.
import type { TypedDocumentNode } from '@urql/core';
import { useEffect } from 'react';
import { graphql } from './graphql.ts';
import { listen } from './listen.ts';

export const GrantChanged = graphql(`
  subscription GrantChanged($owner: OwnerInput) {
    grantChanged(owner: $owner) {
      kind
    }
  }
`);

export const AuditEventRecorded = graphql(`
  subscription AuditEventRecorded($owner: OwnerInput) {
    auditEventRecorded(owner: $owner) {
      kind
    }
  }
`);

type Owner = { organizationId?: string | null } | null;
type Changes = TypedDocumentNode<unknown, { owner?: Owner }>;

// The last use of a client, and what an ended one still tried, are counted and not told one by one.
const PERIOD_MS = 5_000;
/** What one act records comes in several events. */
const TOGETHER_MS = 150;
const PAUSES_MS = [1_000, 2_000, 5_000, 15_000, 30_000];

/** `organizationId` as in the page's query; absent: personal. Nothing is held open while nobody looks. */
export function useLive(refresh: () => void, changes: Changes, organizationId?: string | null): void {
  useEffect(() => {
    let stop = new AbortController();
    let soon: ReturnType<typeof setTimeout> | undefined;
    const together = () => {
      soon ??= setTimeout(() => {
        soon = undefined;
        refresh();
      }, TOGETHER_MS);
    };
    const follow = async (signal: AbortSignal) => {
      for (let failures = 0; !signal.aborted; failures++) {
        const onOpen = () => {
          // What changed while nothing was heard.
          if (failures > 0) together();
          failures = 0;
        };
        await listen(
          changes,
          { owner: organizationId ? { organizationId } : null },
          { onOpen, onEvent: together, signal },
        ).catch(() => {});
        await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0, signal);
      }
    };
    const onVisible = () => {
      stop.abort();
      stop = new AbortController();
      if (document.visibilityState === 'visible') void follow(stop.signal);
    };
    onVisible();
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), PERIOD_MS);
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('focus', refresh);
    return () => {
      stop.abort();
      clearTimeout(soon);
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('focus', refresh);
    };
  }, [refresh, changes, organizationId]);
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
