// The acts on a connection that end something, each with what it does. The dialogs are the page's.
import { Button, Card, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { Fragment } from 'react';
import { danger as texts } from './texts.tsx';

export type DangerousAct = 'rotate' | 'disable' | 'delete';

export function DangerZone({ enabled, onAct }: { enabled: boolean; onAct: (act: DangerousAct) => void }) {
  const shown: DangerousAct[] = enabled ? ['rotate', 'disable', 'delete'] : ['rotate', 'delete'];
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="danger-zone">
      <Title order={2} id="danger-zone" mb="md">
        {texts.title}
      </Title>
      <Stack gap="md">
        {shown.map((act, index) => (
          <Fragment key={act}>
            {index > 0 && <Divider />}
            <Group justify="space-between" gap="sm">
              <div style={{ flex: '1 1 16rem' }}>
                <Text fw={600}>{texts[act].title}</Text>
                <Text size="sm" c="dimmed">
                  {texts[act].text}
                </Text>
              </div>
              <Button color="red" variant="outline" onClick={() => onAct(act)}>
                {texts[act].button}
              </Button>
            </Group>
          </Fragment>
        ))}
      </Stack>
    </Card>
  );
}
