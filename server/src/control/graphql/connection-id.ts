/** Which connection an input names. */
import { NotFoundError } from './error.ts';
import { rowIdOf } from './global-id.ts';

/** The row that an input names. @throws NotFoundError for an id that can name none */
export function connectionIdOf(input: { connectionId: string }): string {
  const id = rowIdOf('McpConnection', input.connectionId);
  if (id === null) throw new NotFoundError();
  return id;
}
