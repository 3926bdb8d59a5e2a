/** Where open streams end: the control plane calls it after a commit, the gateway plane of the same process does it. */

/** Ends the open streams of grants and families in this process at once. @returns how many it ended. Other processes hear the announcement. */
export type EndStreams = (ended: { grantIds: readonly string[]; familyIds?: readonly string[] }) => number;
