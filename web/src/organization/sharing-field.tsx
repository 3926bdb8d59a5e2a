// How many people of an organization may use a connection.
import { Radio, Stack } from '@mantine/core';
import { sharing as texts } from './texts.ts';

export type SharingMode = 'SINGLE_USER' | 'MULTI_USER';

export function SharingField({ value, onChange }: { value: SharingMode; onChange: (value: SharingMode) => void }) {
  return (
    <Radio.Group
      mt="lg"
      label={texts.label}
      description={texts.hint}
      value={value}
      onChange={(chosen) => onChange(chosen as SharingMode)}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="MULTI_USER" label={texts.many} />
        <Radio value="SINGLE_USER" label={texts.one} />
      </Stack>
    </Radio.Group>
  );
}
