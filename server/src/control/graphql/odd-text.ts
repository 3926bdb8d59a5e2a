/** Text that the database cannot keep is refused before anything runs: NUL, and half of a surrogate pair, which is no character. */
import { type ASTVisitor, GraphQLError, type ValidationContext, type ValidationRule } from 'graphql';

/** The rule for one request: its document and its variables. Without it such a text is a fault of ours, at the first statement. */
export const refuseOddText =
  (variables: unknown): ValidationRule =>
  (context: ValidationContext): ASTVisitor => {
    if (hasOddText(variables)) context.reportError(refusal());
    return {
      StringValue: (node) => {
        if (isOdd(node.value)) context.reportError(refusal());
      },
    };
  };

const isOdd = (text: string): boolean => !text.isWellFormed() || text.includes('\0');

/** Not by recursion: how deep the variables are is the caller's choice. */
function hasOddText(variables: unknown): boolean {
  const left = [variables];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && isOdd(value)) return true;
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) left.push(inner);
  }
  return false;
}

// `spec: false`: 400 also for clients that accept plain application/json.
const refusal = (): GraphQLError =>
  new GraphQLError('A text here holds what is no character.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400, spec: false } },
  });
