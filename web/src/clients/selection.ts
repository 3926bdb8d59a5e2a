// Grants that a person has ticked, to take them back together.
import { useMemo, useState } from 'react';
import type { RevocableGrant } from './revocable.ts';

// What the API takes in one act.
export const MOST = 100;

export interface Selection {
  active: boolean;
  grants: readonly RevocableGrant[];
  has: (id: string) => boolean;
  toggle: (grant: RevocableGrant) => void;
  begin: () => void;
  end: () => void;
}

export function useSelection(): Selection {
  const [state, setState] = useState<{ active: boolean; grants: readonly RevocableGrant[] }>({
    active: false,
    grants: [],
  });
  // The same while nothing is ticked or unticked: every card is given it.
  return useMemo(
    () => ({
      ...state,
      has: (id) => state.grants.some((grant) => grant.id === id),
      toggle: (grant) =>
        setState(({ active, grants }) => {
          if (grants.some(({ id }) => id === grant.id))
            return { active, grants: grants.filter(({ id }) => id !== grant.id) };
          return { active, grants: grants.length < MOST ? [...grants, grant] : grants };
        }),
      begin: () => setState({ active: true, grants: [] }),
      end: () => setState({ active: false, grants: [] }),
    }),
    [state],
  );
}
