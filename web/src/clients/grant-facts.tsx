// What identifies a grant to the machine: behind a disclosure on the card, in the open in the dialog.
import { Code, Stack, Text } from '@mantine/core';
import { exactTime } from '../ui/time.ts';

interface Props {
  clientId: string;
  redirectUri: string;
  approvedAt?: string;
  lastUsedAt?: string | null;
}

export function GrantFacts({ clientId, redirectUri, approvedAt, lastUsedAt }: Props) {
  return (
    <Stack gap="xs">
      <Fact label="Client ID" value={clientId} />
      <Fact label="Callback URI" value={redirectUri} />
      {approvedAt && (
        <Text size="sm" c="dimmed">
          Authorized {exactTime(approvedAt)}
          {lastUsedAt && `, last used ${exactTime(lastUsedAt)}`}
        </Text>
      )}
    </Stack>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <Code block className="break-anywhere" style={{ whiteSpace: 'pre-wrap' }}>
        {value}
      </Code>
    </div>
  );
}
