/** What pages of lists have in common: cursors that may be anything, and searches that mean what they say. */
import { badInput } from './context.ts';
import { isUuid } from './global-id.ts';

type PageQuery = { cursor?: { id?: unknown } | undefined; skip?: number | undefined };

/**
 * The query of a page, once its cursor can name a row. A cursor's own row is skipped, but not where it has left the list since (a grant
 * that was revoked between two pages): Prisma would skip the next one instead, and nobody would ever see that.
 * @throws BAD_USER_INPUT
 */
export async function pageFrom<Q extends PageQuery>(query: Q, isListed: (id: string) => Promise<unknown>): Promise<Q> {
  const { cursor } = query;
  if (cursor === undefined) return query;
  if (!isUuid(cursor.id)) throw badInput('This cursor is not one of ours.');
  return (await isListed(cursor.id)) ? query : { ...query, skip: 0 };
}

/** The price of a page: of one row, as often as rows may come. */
export const pageComplexity = ({
  first,
  last,
}: {
  first?: number | null | undefined;
  last?: number | null | undefined;
}) => ({
  field: 5,
  multiplier: Math.min(Math.max(first ?? last ?? 20, 1), 100),
});

const MAX_SEARCH = 100;

/** For the argument of a list that can be searched. */
export const SEARCH = {
  description: `What to look for, as it is written; at most ${MAX_SEARCH} characters. Null: everything.`,
} as const;

/** The words that are sought, as a person typed them. Undefined: no search. @throws BAD_USER_INPUT */
export function searched(search: string | null | undefined): string | undefined {
  const words = (search ?? '').replace(/\p{Cc}/gu, '').trim();
  if (words.length > MAX_SEARCH) throw badInput(`A search has at most ${MAX_SEARCH} characters.`);
  return words === '' ? undefined : words;
}

/** A filter for text that contains these words as they are: `%` and `_` are characters here, not wildcards. Undefined: no search. */
export function containing(search: string | null | undefined): { contains: string; mode: 'insensitive' } | undefined {
  const words = searched(search);
  return words === undefined ? undefined : { contains: words.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' };
}
