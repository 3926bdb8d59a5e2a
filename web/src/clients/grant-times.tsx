// When a grant was given, last used, and ends or has ended; and what it still tried.
import { Text } from '@mantine/core';
import { hourOf } from '../ui/time.ts';
import { When } from '../ui/when.tsx';
import { reasonText } from './revocation-reason.ts';
import { card as texts } from './texts.tsx';

interface Times {
  approvedAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
  revocationReason: string | null;
  deniedSince: { count: number; lastHour: string } | null;
}

export function GrantTimes({ grant }: { grant: Times }) {
  const { approvedAt, lastUsedAt, expiresAt, revokedAt, revocationReason, deniedSince } = grant;
  return (
    <Text component="div" size="sm" c="dimmed" mt={4}>
      {texts.authorized}
      <When at={approvedAt} />
      {' · '}
      {lastUsedAt ? (
        <>
          {texts.lastUsed}
          <When at={lastUsedAt} />
        </>
      ) : (
        texts.neverUsed
      )}
      {!revokedAt && expiresAt && (
        <>
          {' · '}
          {texts.ends}
          <When at={expiresAt} />
        </>
      )}
      {revokedAt && (
        <Text inherit c="var(--mantine-color-text)" mt={4}>
          {texts.ended}
          <When at={revokedAt} />: {reasonText(revocationReason)}.
        </Text>
      )}
      {deniedSince && (
        <Text inherit c="var(--mantine-color-text)" fw={600} mt={4}>
          {texts.tried(deniedSince.count, hourOf(deniedSince.lastHour, Date.now()))}
        </Text>
      )}
    </Text>
  );
}
