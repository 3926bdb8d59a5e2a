// Which account gives the permission, and the way to use another.
import { Anchor, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { signOut } from '../sign-in/account.ts';
import type { SessionUser } from '../sign-in/session.ts';
import { account as texts } from './texts.tsx';

export function GrantingAccount({ user }: { user: SessionUser }) {
  const [refusal, setRefusal] = useState<string>();

  async function change() {
    const answer = await signOut();
    // Loads this page anew: signed out, it leads to signing in and back here.
    if (answer.ok) location.reload();
    else setRefusal(answer.message);
  }

  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm" className="break-anywhere">
          {texts.signedIn(<b>{user.name}</b>, user.email)}
        </Text>
        <Anchor component="button" type="button" size="sm" onClick={change}>
          {texts.change}
        </Anchor>
      </Group>
      {refusal && (
        <Text role="alert" size="sm" c="var(--mantine-color-error)">
          {refusal}
        </Text>
      )}
    </div>
  );
}
