/** Why an act on a connection is refused: a sentence for the person, and the input that it is about. */
import { refused } from '../../platform/result.ts';

/** `not_found` also stands for another's connection: the two are never told apart. */
export type Invalid = { kind: 'invalid'; field: string | null; message: string };
export type ConnectionRefusal = { kind: 'not_found' } | { kind: 'conflict' } | Invalid;

export const invalid = (field: string | null, message: string) =>
  refused({ kind: 'invalid' as const, field, message } satisfies Invalid);
