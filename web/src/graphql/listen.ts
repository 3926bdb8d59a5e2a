// One subscription over server-sent events: POST like every other operation, so that the same cookie and the same header guard it.
import { type AnyVariables, stringifyDocument, type TypedDocumentNode } from '@urql/core';

/** Calls `onOpen` when the server has taken it and `onEvent` for each event; ends when the server ends it. Throws when it fails. */
export async function listen<Variables extends AnyVariables>(
  document: TypedDocumentNode<unknown, Variables>,
  variables: Variables,
  { onOpen, onEvent, signal }: { onOpen: () => void; onEvent: () => void; signal: AbortSignal },
): Promise<void> {
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1' },
    body: JSON.stringify({ query: stringifyDocument(document), variables }),
    signal,
  });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`The subscription was answered with ${response.status}`);
  }
  onOpen();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split('\n\n');
    text = blocks.pop() ?? '';
    // Comments keep the connection open; `complete` comes before its end.
    if (blocks.some((block) => block.startsWith('event: next'))) onEvent();
  }
}
