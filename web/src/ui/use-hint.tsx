// What is said of a thing while one points at it or has the focus on it. The tooltip is loaded when the first one is asked for.
import { lazy, type PointerEvent, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';

const Tooltip = lazy(() => import('./tooltip.tsx'));

interface Hint {
  /** For the element that it is about. */
  props: {
    ref: (element: HTMLElement | null) => void;
    onPointerEnter: () => void;
    onPointerLeave: (event: PointerEvent) => void;
    onFocus: () => void;
    onBlur: () => void;
  };
  /** To stand beside that element. */
  tooltip: ReactNode;
}

export function useHint(label: string): Hint {
  const target = useRef<HTMLElement>(null);
  const [state, setState] = useState<'never' | 'open' | 'closed'>('never');
  const open = () => setState('open');
  const close = () => setState((now) => (now === 'never' ? now : 'closed'));
  const opened = state === 'open';
  useEffect(() => {
    if (!opened) return;
    // A finger is lifted at once: what it opened stays until it touches something else. Escape closes for everyone (WCAG 1.4.13).
    const elsewhere = (event: Event) => {
      if (!(event.target instanceof Node) || !target.current?.contains(event.target)) setState('closed');
    };
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && setState('closed');
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('keydown', onKey);
    };
  }, [opened]);
  return {
    props: {
      ref: (element) => {
        target.current = element;
      },
      onPointerEnter: open,
      onPointerLeave: ({ pointerType }) => pointerType !== 'touch' && close(),
      onFocus: open,
      onBlur: close,
    },
    tooltip: state !== 'never' && (
      <Suspense fallback={null}>
        <Tooltip target={target} opened={opened} label={label} withArrow multiline maw={280} />
      </Suspense>
    ),
  };
}
