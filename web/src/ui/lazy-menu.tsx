// A menu that is loaded when somebody is about to open it: until then its button stands alone.
import { type ReactNode, type RefObject, Suspense, useEffect, useRef, useState } from 'react';

/** What the button of a menu is given while the menu is not there. */
interface MenuButtonProps {
  'aria-haspopup': 'menu';
  'aria-expanded': boolean;
  onPointerEnter: () => void;
  onFocus: () => void;
  onClick: () => void;
}

interface Props {
  load: () => Promise<unknown>;
  button: (own: MenuButtonProps) => ReactNode;
  /** The menu with its button, with what `useAskedMenu` gives it: it is there because it was asked for. */
  children: ReactNode;
}

export function LazyMenu({ load, button, children }: Props) {
  const [wanted, setWanted] = useState(false);
  const ahead = () => void load();
  const closed = button({
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onPointerEnter: ahead,
    onFocus: ahead,
    onClick: () => setWanted(true),
  });
  return wanted ? <Suspense fallback={closed}>{children}</Suspense> : closed;
}

interface AskedMenu {
  menu: { opened: boolean; onChange: (opened: boolean) => void };
  target: RefObject<HTMLButtonElement | null>;
}

/** Opens a menu once it is there, from its own button: the library gives the focus back to where it was when it saw the menu opening. */
export function useAskedMenu(): AskedMenu {
  const [opened, setOpened] = useState(false);
  const target = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    target.current?.focus();
    setOpened(true);
  }, []);
  return { menu: { opened, onChange: setOpened }, target };
}
