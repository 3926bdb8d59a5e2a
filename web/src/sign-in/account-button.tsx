// The button of one's account, which opens its menu.
import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { IconUserCircle } from '@tabler/icons-react';
import type { ComponentProps } from 'react';
import { texts } from './menu-texts.ts';

export function AccountButton({ name, ...props }: { name: string } & ActionIconProps & ComponentProps<'button'>) {
  return (
    <ActionIcon variant="subtle" color="gray" size={40} aria-label={texts.label(name)} {...props}>
      <IconUserCircle size={26} stroke={1.6} aria-hidden />
    </ActionIcon>
  );
}
