// What identifies a grant to the machine: behind a disclosure on the card, in the open in the dialog.
import { Code, Stack, Text } from '@mantine/core';
import { card as texts } from './texts.tsx';

interface Props {
  clientId: string;
  redirectUri: string;
}

export function GrantFacts({ clientId, redirectUri }: Props) {
  return (
    <Stack gap="xs">
      <Fact label={texts.clientId} value={clientId} />
      <Fact label={texts.callback} value={redirectUri} />
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
