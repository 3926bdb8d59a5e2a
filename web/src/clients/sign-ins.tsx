// The sign-ins of a grant: each laptop or process that holds it, each revocable by itself.
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDeviceLaptop } from '@tabler/icons-react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { reasonText } from './revocation-reason.ts';

// What a thief of tokens would do; also a client that keeps its tokens badly.
const LOOKS_STOLEN = ['refresh_reused', 'code_replayed'];

export const SignIns_family = graphql(`
  fragment SignIns_family on TokenFamily {
    id
    label
    createdAt
    lastUsedAt
    revokedAt
    revocationReason
  }
`);

export interface SignIn {
  id: string;
  label: string;
}

interface Props {
  families: readonly FragmentOf<typeof SignIns_family>[];
  /** Absent when the grant has ended. */
  onRevoke?: (signIn: SignIn) => void;
}

export function SignIns({ families, onRevoke }: Props) {
  const all = readFragment(SignIns_family, families);
  const live = all.filter(({ revokedAt }) => revokedAt === null);
  const ended = all.length - live.length;
  const stolen = all.filter(({ revocationReason }) => revocationReason && LOOKS_STOLEN.includes(revocationReason));
  return (
    <div>
      <Text component="h3" size="sm" fw={600} m={0} mb={4}>
        Sign-ins
      </Text>
      {stolen.map(({ id, label, revokedAt, revocationReason }) => (
        <Alert key={id} color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} mb="xs">
          The sign-in {label} was ended <When at={revokedAt ?? ''} />, because {reasonText(revocationReason)}. If you do
          not know why, revoke the whole client.
        </Alert>
      ))}
      {live.length === 0 && (
        <Text size="sm" c="dimmed">
          {ended > 0 ? 'All sign-ins have ended.' : 'The client has not signed in yet.'}
        </Text>
      )}
      <Stack component="ul" className="plain-list" gap="xs">
        {live.map(({ id, label, createdAt, lastUsedAt }) => (
          <Group component="li" key={id} justify="space-between" gap="xs" wrap="nowrap">
            <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
              <IconDeviceLaptop size={18} aria-hidden style={{ flexShrink: 0 }} />
              <Text size="sm" className="break-anywhere">
                {label}
                <Text span inherit c="dimmed">
                  {' · signed in '}
                  <When at={createdAt} />
                  {', '}
                  {lastUsedAt ? (
                    <>
                      last used <When at={lastUsedAt} />
                    </>
                  ) : (
                    'not used yet'
                  )}
                </Text>
              </Text>
            </Group>
            {onRevoke && (
              <Button
                variant="subtle"
                color="red"
                size="compact-sm"
                style={{ flexShrink: 0 }}
                aria-label={`Revoke sign-in ${label}`}
                onClick={() => onRevoke({ id, label })}
              >
                Revoke
              </Button>
            )}
          </Group>
        ))}
      </Stack>
      {live.length > 0 && ended > 0 && (
        <Text size="xs" c="dimmed" mt={4}>
          {ended} earlier {ended === 1 ? 'sign-in has' : 'sign-ins have'} ended.
        </Text>
      )}
    </div>
  );
}
