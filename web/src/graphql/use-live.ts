// Keeps a page current while someone looks at it: asks again every few seconds, and at once when they come back.
import { useEffect } from 'react';

const PERIOD_MS = 5_000;

export function useLive(refresh: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), PERIOD_MS);
    window.addEventListener('focus', refresh);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', refresh);
    };
  }, [refresh]);
}
