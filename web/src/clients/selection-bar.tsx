// What is selected, and the button that takes it back: over the page, so that it is there wherever one has scrolled to.
import { Affix, Button, Card, Group, Text } from '@mantine/core';
import type { RevocableGrant } from './revocable.ts';
import { selection as texts } from './texts.tsx';

export function SelectionBar({ grants, onRevoke }: { grants: readonly RevocableGrant[]; onRevoke: () => void }) {
  return (
    <Affix position={{ bottom: 16, left: 16, right: 16 }}>
      <Card withBorder shadow="md" padding="sm" maw="40rem" mx="auto" role="region" aria-label={texts.begin}>
        <Group justify="space-between" gap="sm">
          <Text size="sm" role="status">
            {texts.bar(grants.length)}
          </Text>
          <Button color="red" disabled={grants.length === 0} onClick={onRevoke}>
            {texts.revoke}
          </Button>
        </Group>
      </Card>
    </Affix>
  );
}
