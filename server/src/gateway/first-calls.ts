/** Which new sign-ins failed their first call in this process, so that it is noticed when one works after that. */
export type FirstCalls = {
  failed: (signInId: string) => void;
  /** Whether it had failed before; asked again, it no longer has. */
  workedAfterAll: (signInId: string) => boolean;
};

const MAX_KEPT = 1_000;

/** Bounded: the oldest is forgotten first, and told of by its last use instead. */
export function openFirstCalls(): FirstCalls {
  const failed = new Set<string>();
  return {
    failed: (signInId) => {
      if (failed.size >= MAX_KEPT) failed.delete(failed.values().next().value as string);
      failed.add(signInId);
    },
    workedAfterAll: (signInId) => failed.size > 0 && failed.delete(signInId),
  };
}
