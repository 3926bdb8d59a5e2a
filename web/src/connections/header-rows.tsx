// Rows of header name and value. Values are typed once and never shown again.
import { ActionIcon, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { headerRows as texts } from './form-texts.ts';

export interface HeaderRow {
  key: number;
  name: string;
  value: string;
}

let keys = 0;
export const emptyRow = (name = ''): HeaderRow => ({ key: ++keys, name, value: '' });
export const headerInputs = (rows: HeaderRow[]) => rows.map(({ name, value }) => ({ name: name.trim(), value }));

export function HeaderRows(props: { rows: HeaderRow[]; onChange: (rows: HeaderRow[]) => void; error?: string }) {
  const set = (key: number, change: Partial<HeaderRow>) =>
    props.onChange(props.rows.map((row) => (row.key === key ? { ...row, ...change } : row)));
  return (
    <Stack gap="sm" role="group" aria-label={texts.label}>
      {props.rows.map((row, index) => (
        <Group key={row.key} gap="xs" align="flex-end">
          <TextInput
            label={texts.name(index + 1)}
            placeholder={texts.nameExample}
            value={row.name}
            onChange={(event) => set(row.key, { name: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            required
            withAsterisk={false}
            flex="1 1 9rem"
          />
          <PasswordInput
            label={texts.value(index + 1)}
            placeholder={texts.valueExample}
            value={row.value}
            onChange={(event) => set(row.key, { value: event.currentTarget.value })}
            autoComplete="off"
            maxLength={8000}
            required
            withAsterisk={false}
            flex="2 1 11rem"
          />
          <ActionIcon
            variant="default"
            size={36}
            aria-label={texts.remove(index + 1)}
            disabled={props.rows.length === 1}
            onClick={() => props.onChange(props.rows.filter(({ key }) => key !== row.key))}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {props.error && (
        <Text c="var(--mantine-color-error)" size="sm" role="alert" tabIndex={-1} data-refused>
          {props.error}
        </Text>
      )}
      <Button
        variant="default"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => props.onChange([...props.rows, emptyRow()])}
      >
        {texts.add}
      </Button>
    </Stack>
  );
}
