// On whose behalf one looks: oneself, or an organization.
import { Button, Menu } from '@mantine/core';
import { IconBuilding, IconChevronDown, IconPlus, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { PERSONAL } from '../routes/personal.ts';
import { texts } from './switcher-texts.ts';

export const ContextSwitcher_organization = graphql(`
  fragment ContextSwitcher_organization on Organization {
    id
    name
  }
`);

interface Props {
  organizations: readonly FragmentOf<typeof ContextSwitcher_organization>[];
  current: string | undefined;
}

export function ContextSwitcher(props: Props) {
  const organizations = readFragment(ContextSwitcher_organization, props.organizations);
  const name = props.current
    ? (organizations.find(({ id }) => id === props.current)?.name ?? texts.organization)
    : texts.personal;
  return (
    <Menu
      position="bottom-end"
      width={240}
      radius="md"
      shadow="md"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px="xs"
          aria-label={texts.label(name)}
          rightSection={<IconChevronDown size={16} aria-hidden />}
          styles={{ label: { maxWidth: '9rem', overflow: 'hidden', textOverflow: 'ellipsis' } }}
        >
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconUser size={16} aria-hidden />}
          aria-current={props.current === undefined ? 'true' : undefined}
          renderRoot={(root) => <Link {...root} to="/connections" search={{ org: PERSONAL }} />}
        >
          {texts.personal}
        </Menu.Item>
        {organizations.map(({ id, name: label }) => (
          <Menu.Item
            key={id}
            leftSection={<IconBuilding size={16} aria-hidden />}
            aria-current={props.current === id ? 'true' : undefined}
            renderRoot={(root) => <Link {...root} to="/connections" search={{ org: id }} />}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconPlus size={16} aria-hidden />}
          renderRoot={(root) => <Link {...root} to="/organizations/new" />}
        >
          {texts.create}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
