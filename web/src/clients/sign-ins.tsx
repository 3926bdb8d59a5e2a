// The sign-ins of a grant: each laptop or process that holds it, each revocable by itself.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDeviceLaptop } from '@tabler/icons-react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { exactTime } from '../ui/time.ts';
import { When } from '../ui/when.tsx';
import { reasonText } from './revocation-reason.ts';
import { signIns as texts } from './texts.tsx';

// What a thief of tokens would do; also a client that keeps its tokens badly.
const LOOKS_STOLEN = ['refresh_reused', 'code_replayed'];

export const looksStolen = (reason: string | null): boolean => reason !== null && LOOKS_STOLEN.includes(reason);

export const SignIns_family = graphql(`
  fragment SignIns_family on TokenFamily {
    id
    label
    userAgent
    createdAt
    lastUsedAt
    revokedAt
    revocationReason
  }
`);

interface Props {
  families: readonly FragmentOf<typeof SignIns_family>[];
  onRevoke: (signIn: { id: string; label: string; createdAt: string }) => void;
}

export function SignIns({ families, onRevoke }: Props) {
  const all = readFragment(SignIns_family, families);
  const live = all.filter(({ revokedAt }) => revokedAt === null);
  const ended = all.length - live.length;
  const stolen = all.filter(({ revocationReason }) => looksStolen(revocationReason));
  return (
    <div>
      <Text component="h3" size="sm" fw={600} m={0} mb={4}>
        {texts.title}
      </Text>
      {stolen.map(({ id, label, revokedAt, revocationReason }) => (
        <Alert key={id} color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} mb="xs">
          {texts.stolen(label, <When at={revokedAt ?? ''} />, reasonText(revocationReason))}
        </Alert>
      ))}
      {live.length === 0 && (
        <Text size="sm" c="dimmed">
          {ended > 0 ? texts.allEnded : texts.none}
        </Text>
      )}
      <Stack component="ul" className="plain-list" gap="xs">
        {live.map(({ id, label, userAgent, createdAt, lastUsedAt }) => (
          <Group component="li" key={id} justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
            <Group gap="xs" wrap="nowrap" align="flex-start" style={{ minWidth: 0 }}>
              <IconDeviceLaptop size={18} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
              <div style={{ minWidth: 0 }}>
                <Text size="sm" className="break-anywhere">
                  {label}
                  <Text span inherit c="dimmed">
                    {' · '}
                    {texts.signedIn}
                    <When at={createdAt} />
                    {', '}
                    {lastUsedAt ? (
                      <>
                        {texts.lastUsed}
                        <When at={lastUsedAt} />
                      </>
                    ) : (
                      texts.notUsed
                    )}
                  </Text>
                </Text>
                {userAgent && userAgent !== label && (
                  <Text size="xs" c="dimmed" className="break-anywhere" lineClamp={2}>
                    {userAgent}
                  </Text>
                )}
              </div>
            </Group>
            <Button
              variant="subtle"
              color="red"
              size="compact-sm"
              style={{ flexShrink: 0 }}
              aria-label={texts.revokeLabel(label, exactTime(createdAt))}
              onClick={() => onRevoke({ id, label, createdAt })}
            >
              {texts.revoke}
            </Button>
          </Group>
        ))}
      </Stack>
      {live.length > 0 && ended > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {texts.earlier(ended)}
        </Text>
      )}
    </div>
  );
}
