/** What a fault was judged by: what was told and kept, and how fast, which a busy machine may be to blame for. */
export type Verdict = { fault: string; expected: string; seen: string; held: boolean; inTime: boolean };
