/** What a fault was judged by. */
export type Verdict = { fault: string; expected: string; seen: string; held: boolean };
