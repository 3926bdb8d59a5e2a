// What is selected, and the button that takes it back: there wherever one has scrolled to, and under the list where that ends, so that it
// hides nothing of it for good.
import { Box, Button, Card, Group, Text } from '@mantine/core';
import type { RevocableGrant } from './revocable.ts';
import { MOST } from './selection.ts';
import { selection as texts } from './texts.tsx';

export function SelectionBar({ grants, onRevoke }: { grants: readonly RevocableGrant[]; onRevoke: () => void }) {
  return (
    <Box className="selection-bar">
      <Card withBorder shadow="md" padding="sm" maw="40rem" mx="auto" role="region" aria-label={texts.begin}>
        <Group justify="space-between" gap="sm">
          <Text size="sm" role="status">
            {texts.bar(grants.length, grants.length === MOST)}
          </Text>
          <Button color="red" disabled={grants.length === 0} onClick={onRevoke}>
            {texts.revoke}
          </Button>
        </Group>
      </Card>
    </Box>
  );
}
