// The state of a connection, in a word and a colour.
import { Badge } from '@mantine/core';
import { words } from './texts.tsx';

const colors = { ENABLED: 'teal', DISABLED: 'gray', DELETED: 'red' } as const;

export function StatusBadge({ status }: { status: keyof typeof colors }) {
  return (
    <Badge color={colors[status]} variant="light" fw={600}>
      {words.statuses[status]}
    </Badge>
  );
}
