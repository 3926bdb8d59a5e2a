// How many people of an organization may use a connection.
import { Radio, Stack } from '@mantine/core';

export type SharingMode = 'SINGLE_USER' | 'MULTI_USER';

export function SharingField({ value, onChange }: { value: SharingMode; onChange: (value: SharingMode) => void }) {
  return (
    <Radio.Group
      mt="lg"
      label="Who may use it"
      description="Nobody does until it is assigned to them. Everyone signs in for themselves."
      value={value}
      onChange={(chosen) => onChange(chosen as SharingMode)}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="MULTI_USER" label="Any number of members" />
        <Radio value="SINGLE_USER" label="One member at a time" />
      </Stack>
    </Radio.Group>
  );
}
