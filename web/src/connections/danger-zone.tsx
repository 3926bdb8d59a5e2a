// The acts on a connection that end something, each with what it does. The dialogs are the page's.
import { Button, Card, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { Fragment } from 'react';

export type DangerousAct = 'rotate' | 'disable' | 'delete';

const acts: Record<DangerousAct, { title: string; text: string; button: string }> = {
  rotate: {
    title: 'Rotate the connect URL',
    text: 'Makes a new address. The old one stops working, and every client that uses it must be set up again.',
    button: 'Rotate URL',
  },
  disable: {
    title: 'Disable this connection',
    text: 'No client reaches the server until you enable it again. All permissions end and must be asked for anew.',
    button: 'Disable',
  },
  delete: {
    title: 'Delete this connection',
    text: 'Ends all permissions and forgets the credentials. There is no way back.',
    button: 'Delete',
  },
};

export function DangerZone({ enabled, onAct }: { enabled: boolean; onAct: (act: DangerousAct) => void }) {
  const shown: DangerousAct[] = enabled ? ['rotate', 'disable', 'delete'] : ['rotate', 'delete'];
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="danger-zone">
      <Title order={2} id="danger-zone" mb="md">
        Danger zone
      </Title>
      <Stack gap="md">
        {shown.map((act, index) => (
          <Fragment key={act}>
            {index > 0 && <Divider />}
            <Group justify="space-between" gap="sm">
              <div style={{ flex: '1 1 16rem' }}>
                <Text fw={600}>{acts[act].title}</Text>
                <Text size="sm" c="dimmed">
                  {acts[act].text}
                </Text>
              </div>
              <Button color="red" variant="outline" onClick={() => onAct(act)}>
                {acts[act].button}
              </Button>
            </Group>
          </Fragment>
        ))}
      </Stack>
    </Card>
  );
}
