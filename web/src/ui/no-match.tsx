// A list that its search or its filters leave nothing of: what was looked for, and the way back to all of it.
import { Button } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import { EmptyList } from './empty-list.tsx';

interface Props {
  title: string;
  how: string;
  /** What the button says. */
  all: string;
  showAll: () => void;
}

export function NoMatch({ title, how, all, showAll }: Props) {
  return (
    <EmptyList icon={IconFilterOff} title={title} how={how}>
      <Button variant="default" onClick={showAll}>
        {all}
      </Button>
    </EmptyList>
  );
}
