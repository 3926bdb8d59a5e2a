// What a mutation came to, for the component that holds the button: done, or refused in words.
import type { CombinedError } from '@urql/core';
import { failureText } from './failure.ts';
import { failures as texts } from './texts.ts';

export type Outcome<Value> = { done: Value } | { refused: string; field?: string | null };

export const done = <Value>(value: Value): Outcome<Value> => ({ done: value });
export const refused = (message: string, field?: string | null): Outcome<never> => ({ refused: message, field });
export const failed = (error: CombinedError | undefined): Outcome<never> => refused(failureText(error));

/** The `default` of a switch over `__typename`: does not compile while a member of the union is unhandled. */
export const unhandled = (_: never): Outcome<never> => refused(texts.unknownAnswer);

/** What a mutation whose every refusal is a sentence came to. `tell` is given the payload. */
export function answered<Data, Member extends { __typename?: string }, Value>(
  { data, error }: { data?: Data | undefined; error?: CombinedError | undefined },
  pick: (data: Data) => Member,
  tell: (payload: Exclude<Member, { message: string }>) => Value,
): Outcome<Value> {
  if (!data || error) return failed(error);
  const member: Member & { message?: string; field?: string | null } = pick(data);
  return member.message === undefined
    ? done(tell(member as Exclude<Member, { message: string }>))
    : refused(member.message, member.field ?? null);
}
