// What happens while a client is being connected, as it happens: waiting, allowed, first request.
import { Anchor, Loader, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { clientPhrase } from '../clients/client-title.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { arrival as texts } from './texts.tsx';

export const Arrival_client = graphql(`
  fragment Arrival_client on AuthorizedClient {
    client {
      name
      verifiedHost
    }
    grants {
      lastUsedAt
    }
  }
`);

interface Props {
  /** The newest client of the connection; absent while none has come. */
  client: FragmentOf<typeof Arrival_client> | undefined;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function Arrival({ client: masked }: Props) {
  const arrived = readFragment(Arrival_client, masked);
  const name = arrived && capital(clientPhrase(arrived.client));
  const usedAt = arrived?.grants[0]?.lastUsedAt;
  return (
    <Stack gap="xs" role="status" aria-label={texts.label} mt="lg">
      {!name && (
        <Step>
          {texts.wait}
          <Text size="sm" c="dimmed">
            {texts.waitHow}
          </Text>
        </Step>
      )}
      {name && <Step done>{texts.allowed(name)}</Step>}
      {name && !usedAt && <Step>{texts.firstCall}</Step>}
      {name && usedAt && (
        <Step done>
          {texts.called(name, <When at={usedAt} />)}
          <Text size="sm">
            <Anchor inherit underline="always" renderRoot={(root) => <Link {...root} to="/clients" />}>
              {texts.takeBack}
            </Anchor>
          </Text>
        </Step>
      )}
    </Stack>
  );
}

export function Step({ done = false, children }: { done?: boolean; children: ReactNode }) {
  return (
    <div style={{ display: 'flex', gap: 'var(--mantine-spacing-sm)', alignItems: 'flex-start' }}>
      {done ? (
        <ThemeIcon size={22} radius="xl" color="teal.9" aria-hidden style={{ flexShrink: 0 }}>
          <IconCheck size={14} />
        </ThemeIcon>
      ) : (
        <Loader size={18} m={2} aria-hidden style={{ flexShrink: 0 }} />
      )}
      <Text component="div" className="break-anywhere" style={{ minWidth: 0 }}>
        {children}
      </Text>
    </div>
  );
}
