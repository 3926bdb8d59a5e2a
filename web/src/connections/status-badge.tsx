// The state of a connection, in a word and a colour.
import { Badge } from '@mantine/core';

const looks = {
  ENABLED: { color: 'teal', text: 'Enabled' },
  DISABLED: { color: 'gray', text: 'Disabled' },
  DELETED: { color: 'red', text: 'Deleted' },
} as const;

export function StatusBadge({ status }: { status: keyof typeof looks }) {
  return (
    <Badge color={looks[status].color} variant="light" radius="sm" tt="none" fw={600}>
      {looks[status].text}
    </Badge>
  );
}
