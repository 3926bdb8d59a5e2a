// The button that says on whose behalf one looks, and opens the menu to change it.
import { Button, type ButtonProps } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { ComponentProps } from 'react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { texts } from './switcher-texts.ts';

export const ContextSwitcher_organization = graphql(`
  fragment ContextSwitcher_organization on Organization {
    id
    name
  }
`);

export interface ContextProps {
  organizations: readonly FragmentOf<typeof ContextSwitcher_organization>[];
  current: string | undefined;
}

export function ContextButton({
  organizations,
  current,
  ...props
}: ContextProps & ButtonProps & Omit<ComponentProps<'button'>, 'color'>) {
  const known = readFragment(ContextSwitcher_organization, organizations);
  const name = current ? (known.find(({ id }) => id === current)?.name ?? texts.organization) : texts.personal;
  return (
    <Button
      variant="subtle"
      color="gray"
      px="xs"
      aria-label={texts.label(name)}
      rightSection={<IconChevronDown size={16} aria-hidden />}
      styles={{ label: { maxWidth: '9rem', overflow: 'hidden', textOverflow: 'ellipsis' } }}
      {...props}
    >
      {name}
    </Button>
  );
}
