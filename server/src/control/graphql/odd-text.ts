/** Text that the database cannot keep is refused before anything runs: NUL, and half of a surrogate pair, which is no character. */
import { type ASTNode, type ASTVisitor, GraphQLError, type ValidationContext, type ValidationRule } from 'graphql';

/** The rule for one request: its document and its variables. Without it such a text is a fault of ours, at the first statement. */
export const refuseOddText =
  (variables: unknown): ValidationRule =>
  (context: ValidationContext): ASTVisitor => {
    const found = findOddText(variables);
    if (found) context.reportError(refusal(found));
    return {
      StringValue: (node, _key, parent, _path, ancestors) => {
        if (isOdd(node.value)) context.reportError(refusal(namesOf([...ancestors, parent ?? []])));
      },
    };
  };

const isOdd = (text: string): boolean => !text.isWellFormed() || text.includes('\0');

/** A value in the variables, and how one came to it. */
type Place = { value: unknown; key: string; inside: Place | null };

/** Not by recursion: how deep the variables are is the caller's choice. @returns where the first one is, from the outside in */
function findOddText(variables: unknown): string[] | null {
  const left: Place[] = [{ value: variables, key: '', inside: null }];
  for (let place = left.pop(); place; place = left.pop()) {
    const { value } = place;
    if (typeof value === 'string' && isOdd(value)) return pathTo(place);
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) left.push({ value: inner, key, inside: place });
  }
  return null;
}

function pathTo(place: Place): string[] {
  const path: string[] = [];
  for (let at: Place | null = place; at?.inside; at = at.inside) path.unshift(at.key);
  return path;
}

/** Of the argument and the fields that a text in the document stands in. */
const namesOf = (ancestors: readonly (ASTNode | readonly ASTNode[])[]): string[] =>
  ancestors.flatMap((node) =>
    'kind' in node && (node.kind === 'Argument' || node.kind === 'ObjectField') ? [node.name.value] : [],
  );

/** Where it is, in the caller's own words as far as those are names; else only that there is one. */
function nameOf(path: readonly string[]): string {
  const name = path.join('.');
  return /^[\w.]{1,100}$/.test(name) ? name : 'A text';
}

// `spec: false`: 400 also for clients that accept plain application/json.
const refusal = (path: readonly string[]): GraphQLError =>
  new GraphQLError(
    `${nameOf(path)} holds something that is no character (NUL, or half of a surrogate pair). Take it out, and send the rest again.`,
    { extensions: { code: 'BAD_USER_INPUT', http: { status: 400, spec: false } } },
  );
