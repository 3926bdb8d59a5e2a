// The organizations that the viewer is in: what the switcher offers, and what tells that one of them is theirs no longer.
import { graphql } from '../graphql/graphql.ts';
import { ContextSwitcher_organization } from './context-button.tsx';

export const Organizations = graphql(
  `
    query Organizations {
      viewer {
        organizations {
          id
          ...ContextSwitcher_organization
        }
      }
    }
  `,
  [ContextSwitcher_organization],
);
