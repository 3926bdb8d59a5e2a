/** What an act answers: the thing, or the reason why not. A refusal is a value, so that a transaction that refuses still commits. */
export type Result<T, R> = { ok: true; value: T } | { ok: false; reason: R };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const refused = <R>(reason: R): { ok: false; reason: R } => ({ ok: false, reason });
