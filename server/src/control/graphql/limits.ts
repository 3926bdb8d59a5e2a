/** How much one document may ask for, judged before any of it is executed. */
import { createComplexityRule } from '@pothos/plugin-complexity';
import {
  type ASTVisitor,
  type DocumentNode,
  execute,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  type ParseOptions,
  parse,
  type Source,
  subscribe,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from './context.ts';
import { limitToScopes } from './needs.ts';
import { refuseOddText } from './odd-text.ts';

export const LIMITS = { tokens: 2_000, depth: 12, breadth: 300, aliases: 30, cost: 20_000 } as const;

const tooMuch = (what: string): GraphQLError =>
  // `spec: false`: 400 also for clients that accept plain application/json.
  new GraphQLError(`This query is too large: ${what}.`, {
    extensions: { code: 'QUERY_TOO_LARGE', http: { status: 400, spec: false } },
  });

/** The same field under many names is how one request makes many. */
const limitAliases: ValidationRule = (context: ValidationContext): ASTVisitor => {
  let aliases = 0;
  return {
    Field: (node) => {
      if (node.alias && ++aliases === LIMITS.aliases + 1)
        context.reportError(tooMuch(`more than ${LIMITS.aliases} aliases`));
    },
  };
};

const limitCost = (
  context: Context,
  params: { variables?: Record<string, unknown>; operationName?: string | null },
): ValidationRule =>
  createComplexityRule({
    context,
    variableValues: params.variables ?? {},
    operationName: params.operationName ?? null,
    validate: ({ depth, breadth, complexity }, report) => {
      if (depth > LIMITS.depth) report(tooMuch(`deeper than ${LIMITS.depth} levels`));
      else if (breadth > LIMITS.breadth) report(tooMuch(`more than ${LIMITS.breadth} fields`));
      else if (complexity > LIMITS.cost) report(tooMuch('it could return too many rows'));
    },
  });

function parseLimited(source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: LIMITS.tokens });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes('token'))
      throw tooMuch(`more than ${LIMITS.tokens} words`);
    throw error;
  }
}

/** The pricing reads the variables itself, and suggests. */
const withoutSuggestion = (error: GraphQLError): GraphQLError =>
  / Did you mean /.test(error.message)
    ? new GraphQLError(error.message.replace(/ Did you mean [^?]*\?/g, ''), {
        nodes: error.nodes ?? null,
        extensions: error.extensions,
      })
    : error;

type Enveloped = Context & { params: { variables?: Record<string, unknown>; operationName?: string | null } };

/** Limits of tokens, depth, breadth, aliases and cost, and of an API key's scopes; no introspection signed out; no "did you mean" (#234, #236, #238). */
export function useLimits(): Plugin<Context> {
  return {
    onParse: ({ setParseFn }) => setParseFn(parseLimited),
    onValidate: ({ addValidationRule, setValidationFn, context }) => {
      const { params } = context as unknown as Enveloped;
      addValidationRule(limitAliases);
      addValidationRule(refuseOddText(params.variables));
      const { viewer } = context as unknown as Enveloped;
      if (viewer === null) addValidationRule(NoSchemaIntrospectionCustomRule);
      if (viewer?.apiKey) addValidationRule(limitToScopes(viewer.apiKey.scopes));
      setValidationFn((schema, document, rules, options) => {
        const quiet = { ...options, maxErrors: 20, hideSuggestions: true };
        const errors = validate(schema, document, rules, quiet);
        // Prices are asked only of a document that is valid: of another they make no sense.
        if (errors.length > 0) return errors;
        return validate(schema, document, [limitCost(context as unknown as Context, params)], quiet).map(
          withoutSuggestion,
        );
      });
    },
    onExecute: ({ setExecuteFn }) => setExecuteFn((args) => execute({ ...args, hideSuggestions: true })),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args) => subscribe({ ...args, hideSuggestions: true })),
  };
}
