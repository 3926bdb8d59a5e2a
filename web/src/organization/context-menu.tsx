// The menu of on whose behalf one looks: oneself, or an organization.
import { Menu } from '@mantine/core';
import { IconBuilding, IconPlus, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { readFragment } from '../graphql/graphql.ts';
import { PERSONAL } from '../routes/personal.ts';
import { useAskedMenu } from '../ui/lazy-menu.tsx';
import { ContextButton, type ContextProps, ContextSwitcher_organization } from './context-button.tsx';
import { texts } from './switcher-texts.ts';

export function ContextMenu(props: ContextProps) {
  const { menu, target } = useAskedMenu();
  const organizations = readFragment(ContextSwitcher_organization, props.organizations);
  return (
    <Menu
      {...menu}
      position="bottom-end"
      width={240}
      radius="md"
      shadow="md"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ContextButton {...props} ref={target} />
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
