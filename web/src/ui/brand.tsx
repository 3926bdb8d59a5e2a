// The mark and the name.
import { Group, Text } from '@mantine/core';
import { brand as texts } from './texts.ts';

export function Brand() {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="/favicon.svg" width={26} height={26} alt="" />
      <Text component="span" fw={700} fz="lg" c="var(--mantine-color-text)">
        {texts.name}
      </Text>
    </Group>
  );
}
