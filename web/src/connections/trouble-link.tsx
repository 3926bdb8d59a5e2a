// The way to what clients stumbled over, for who wonders why one cannot sign in.
import { Button, Card, Group, Text } from '@mantine/core';
import { IconStethoscope } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { troubles as texts } from './texts.tsx';

export function TroubleLink({ connectionId }: { connectionId: string }) {
  return (
    <Card withBorder padding="lg" bg="var(--grantway-card)">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: '1 1 16rem' }}>
          <Text fw={600}>{texts.ask}</Text>
          <Text size="sm" c="dimmed">
            {texts.how}
          </Text>
        </div>
        <Button
          variant="default"
          leftSection={<IconStethoscope size={18} aria-hidden />}
          renderRoot={(root) => <Link {...root} to="/connections/$id/sign-ins" params={{ id: connectionId }} />}
        >
          {texts.link}
        </Button>
      </Group>
    </Card>
  );
}
