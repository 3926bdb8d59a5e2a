// A menu that is loaded when somebody is about to open it: until then its button stands alone.
import { type ReactNode, Suspense, useState } from 'react';

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
  /** The menu with its button, open from the start: it is there because it was asked for. */
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
