/** Who asks, and how far they reach: a person, or an organization's API key, which acts for its maker in that one organization. */
import { executionContextOf } from './grant.ts';

export type Caller = {
  userId: string;
  /** The one organization that the caller sees; absent or null: all that is the person's. */
  onlyIn?: string | null | undefined;
};

/** The grants that are the caller's own. Every list, look-up and revocation of "mine" goes through it. */
export const ownGrants = ({ userId, onlyIn }: Caller): { userId: string; executionContext?: string } => ({
  userId,
  ...(onlyIn ? { executionContext: executionContextOf({ ownerOrganizationId: onlyIn }) } : {}),
});
