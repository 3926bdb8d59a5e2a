/** What an API key needs for each field: said at the field or at its type, judged before anything runs. What says nothing, no key reaches. */
import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  isObjectType,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { ApiKeyScope } from '../../core/people/api-key-scope.ts';
import type { KeyHolder, Viewer } from '../../core/people/viewer.ts';

type Need = readonly ApiKeyScope[] | 'any' | 'none';

const said = (apiKey: Need) => ({ extensions: { apiKey } });

/** To be spread into a field's or a type's options: a key needs one of these scopes. */
export const needs = (...anyOf: ApiKeyScope[]) => said(anyOf);
/** Every key may. */
export const anyKey = said('any');
/** For people in a browser alone. */
export const noKey = said('none');

/** What a type or field says; undefined when it says nothing. */
export const needOf = ({ extensions }: { extensions: object }): Need | undefined =>
  (extensions as { apiKey?: Need }).apiKey;

const ROOTS = new Set(['Query', 'Mutation', 'Subscription', 'Viewer']);

/** Whether nothing said means "no key": so it is where a request begins and where things have ids; the rest is reached through those. */
export const mustSay = (type: GraphQLObjectType): boolean =>
  ROOTS.has(type.name) || type.getInterfaces().some(({ name }) => name === 'Node');

/** Whether the caller may read things of this type at all. */
export const mayRead = (caller: Viewer | KeyHolder, type: unknown): boolean =>
  !caller.apiKey ||
  (isObjectType(type) && suffices(caller.apiKey.scopes, needOf(type) ?? (mustSay(type) ? 'none' : 'any')));

const suffices = (scopes: readonly ApiKeyScope[], need: Need): boolean =>
  need === 'any' || (need !== 'none' && need.some((scope) => scopes.includes(scope)));

/** The rule for documents that an API key sends. */
export const limitToScopes =
  (scopes: readonly ApiKeyScope[]): ValidationRule =>
  (context: ValidationContext): ASTVisitor => ({
    Field: (node) => {
      const parent = context.getParentType();
      const field = context.getFieldDef();
      if (!isObjectType(parent) || !field || parent.name.startsWith('__') || field.name.startsWith('__')) return;
      const need = needOf(field) ?? needOf(parent) ?? (mustSay(parent) ? 'none' : 'any');
      if (!suffices(scopes, need)) context.reportError(refusal(`${parent.name}.${field.name}`, need, node));
    },
  });

function refusal(where: string, need: Need, node: FieldNode): GraphQLError {
  const sentence =
    typeof need === 'string'
      ? `${where} is not for API keys: it takes a person who is signed in.`
      : `${where} needs an API key with the scope ${need.join(' or ')}.`;
  // `spec: false`: 403 also for clients that accept plain application/json.
  return new GraphQLError(sentence, {
    nodes: node,
    extensions: { code: 'FORBIDDEN', http: { status: 403, spec: false } },
  });
}
