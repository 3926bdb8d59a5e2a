// A list whose search leaves nothing: what was looked for, and the way back to all of it.
import { Button, EmptyState } from '@mantine/core';

type Texts = { noMatch: string; noMatchHow: (search: string) => string; showAll: string };

export function NoMatch({ texts, search, showAll }: { texts: Texts; search: string; showAll: () => void }) {
  return (
    <EmptyState title={texts.noMatch} description={texts.noMatchHow(search)} mt="xl">
      <EmptyState.Actions>
        <Button variant="default" onClick={showAll}>
          {texts.showAll}
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}
