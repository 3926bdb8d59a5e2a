// The tabs of the signed-in area. Where they are wider than the window they scroll, show at which edge there is more, and bring the present one into view.
import { Link, useLocation } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import classes from './shell.module.css';

interface Tab {
  to: '/connections' | '/clients' | '/activity' | '/members' | '/organization';
  label: string;
}

/** How far from the edge the present tab is kept, so that its neighbour is seen too. */
const MARGIN = 48;

export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();

  // Attributes rather than state: nothing has to be rendered again while a finger moves.
  const markEdges = useCallback(() => {
    const { current } = nav;
    if (!current) return;
    const { scrollLeft, scrollWidth, clientWidth } = current;
    current.toggleAttribute('data-more-before', scrollLeft > 1);
    current.toggleAttribute('data-more-after', scrollLeft + clientWidth < scrollWidth - 1);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another page or other tabs make another tab the present one
  useEffect(() => {
    const present = nav.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (nav.current && present) {
      const start = present.offsetLeft - nav.current.offsetLeft;
      const { scrollLeft, clientWidth } = nav.current;
      const isSeen = start >= scrollLeft && start + present.offsetWidth <= scrollLeft + clientWidth;
      if (!isSeen) nav.current.scrollLeft = start + present.offsetWidth + MARGIN - clientWidth;
    }
    markEdges();
  }, [pathname, tabs, markEdges]);

  useEffect(() => {
    if (!nav.current) return;
    const watcher = new ResizeObserver(markEdges);
    watcher.observe(nav.current);
    return () => watcher.disconnect();
  }, [markEdges]);

  return (
    <nav ref={nav} aria-label={label} className={classes.tabs} onScroll={markEdges}>
      {tabs.map(({ to, label: name }) => (
        <Link key={to} to={to} className={classes.tab} activeProps={{ 'aria-current': 'page' }}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
