/** What an operation is called in the log and in traces: its kind and its first fields, which the schema knows by then. */
import { type DocumentNode, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { about } from '../../platform/request-under-way.ts';
import { tracer } from '../../platform/span.ts';

const MAX_FIELDS = 5;

/** Never the text of the operation, nor its variables. */
function operationOf(document: DocumentNode, operationName: string | null | undefined): string {
  const operation = getOperationAST(document, operationName);
  const fields =
    operation?.selectionSet.selections.flatMap((one) => (one.kind === 'Field' ? [one.name.value] : [])) ?? [];
  return [operation?.operation ?? 'query', ...fields.slice(0, MAX_FIELDS)].join(' ');
}

export function useOperationSpan(): Plugin {
  return {
    onExecute: ({ args }) => {
      const operation = operationOf(args.document, args.operationName);
      about({ operation });
      const span = tracer.startSpan(`graphql ${operation}`);
      return { onExecuteDone: () => span.end() };
    },
  };
}
