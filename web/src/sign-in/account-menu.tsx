// Who is signed in, the color scheme, and the way out.
import { Badge, type MantineColorScheme, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { IconKey, IconLogout, IconPlugConnected, IconShieldLock, IconUsers } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useAskedMenu } from '../ui/lazy-menu.tsx';
import { signOut } from './account.ts';
import { AccountButton } from './account-button.tsx';
import { texts } from './menu-texts.ts';
import type { SessionUser } from './session.ts';

const schemes = [
  { value: 'auto', label: texts.schemes.auto },
  { value: 'light', label: texts.schemes.light },
  { value: 'dark', label: texts.schemes.dark },
] as const;

export function AccountMenu({ user }: { user: SessionUser }) {
  const { menu, target } = useAskedMenu();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [refusal, setRefusal] = useState<string>();

  async function leave() {
    const answer = await signOut();
    // A real navigation: nothing of this session stays in memory.
    if (answer.ok) location.assign('/sign-in');
    else setRefusal(answer.message);
  }

  return (
    <Menu
      {...menu}
      position="bottom-end"
      width={260}
      radius="md"
      shadow="md"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <AccountButton name={user.name} ref={target} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" className="break-anywhere">
            {user.name}
          </Text>
          <Text size="xs" className="break-anywhere">
            {user.email}
          </Text>
          {user.role === 'ADMIN' && (
            <Badge variant="light" size="sm" mt={6}>
              {texts.administrator}
            </Badge>
          )}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconKey size={16} aria-hidden />}
          renderRoot={(root) => <Link {...root} to="/settings/api-keys" />}
        >
          {texts.apiKeys}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconShieldLock size={16} aria-hidden />}
          renderRoot={(root) => <Link {...root} to="/settings/security" />}
        >
          {texts.security}
        </Menu.Item>
        {user.role === 'ADMIN' && <Menu.Divider />}
        {user.role === 'ADMIN' && (
          <Menu.Item
            leftSection={<IconUsers size={16} aria-hidden />}
            renderRoot={(root) => <Link {...root} to="/people" />}
          >
            {texts.people}
          </Menu.Item>
        )}
        {user.role === 'ADMIN' && (
          <Menu.Item
            leftSection={<IconPlugConnected size={16} aria-hidden />}
            renderRoot={(root) => <Link {...root} to="/settings/clients" />}
          >
            {texts.clients}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{texts.appearance}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          {schemes.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} closeMenuOnClick={false} onClick={leave}>
          {texts.signOut}
        </Menu.Item>
        {refusal && (
          <Text role="alert" size="xs" c="red" px="sm" pb="xs">
            {refusal}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
