// The states that every list has besides its content: loading, failed, out of date.
import { Alert, Button, Card, Group, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { failureText } from '../graphql/failure.ts';
import { states as texts } from './texts.ts';

export function ListSkeleton({ rows = 3, height = 132 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="md" role="status">
      <VisuallyHidden>{texts.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical and never reordered
        <Card key={row} withBorder padding="lg" bg="var(--grantway-card)" mih={height} aria-hidden>
          <Skeleton height={18} width="40%" mb="md" />
          <Skeleton height={12} width="85%" mb="xs" />
          <Skeleton height={12} width="60%" />
        </Card>
      ))}
    </Stack>
  );
}

export function Failure({ error, retry, title }: { error: unknown; retry: () => void; title: string }) {
  return (
    <Alert color="red" title={title} icon={<IconAlertTriangle aria-hidden />} role="alert">
      <Text size="sm" mb="sm">
        {failureText(error)}
      </Text>
      <Button size="xs" variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry}>
        {texts.again}
      </Button>
    </Alert>
  );
}

/** A page whose code or data is on its way. */
export function PageSkeleton() {
  return (
    <>
      <VisuallyHidden component="h1">{texts.loading}</VisuallyHidden>
      <Skeleton height={28} width="14rem" mb="xl" aria-hidden />
      <ListSkeleton />
    </>
  );
}

/** Shown above old data when the refresh of it failed. */
export function StaleNotice({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Alert color="yellow" mb="md" icon={<IconCloudOff aria-hidden />} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {texts.stale} {failureText(error)}
        </Text>
        <Button size="xs" variant="default" onClick={retry}>
          {texts.refresh}
        </Button>
      </Group>
    </Alert>
  );
}
