// Why there is nothing in the list of clients, and what to do.
import { Button, Code, EmptyState, Text } from '@mantine/core';
import { IconClockOff, IconFilterOff, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ClientsSearch } from '../routes/clients.tsx';
import { empty as texts } from './texts.tsx';

export function NoClients({ search, clear }: { search: ClientsSearch; clear: () => void }) {
  if (search.q || search.connection) {
    return (
      <EmptyState
        icon={<IconFilterOff aria-hidden />}
        withIndicatorBackground
        mt={48}
        title={texts.noMatch}
        description={texts.noMatchHow}
      >
        <EmptyState.Actions>
          <Button variant="default" onClick={clear}>
            {texts.clear}
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    );
  }
  if (search.status) {
    const isRevoked = search.status === 'revoked';
    return (
      <EmptyState
        icon={isRevoked ? <IconShieldX aria-hidden /> : <IconClockOff aria-hidden />}
        withIndicatorBackground
        mt={48}
        title={isRevoked ? texts.revoked : texts.expired}
        description={isRevoked ? texts.revokedHow : texts.expiredHow}
      />
    );
  }
  return (
    <EmptyState
      icon={<IconShieldCheck aria-hidden />}
      withIndicatorBackground
      mt={48}
      title={texts.active}
      description={
        <Text component="span" inherit>
          {texts.activeHow(<Code>{texts.example}</Code>)}
        </Text>
      }
    >
      <EmptyState.Actions>
        <Button renderRoot={(root) => <Link {...root} to="/connections" />}>{texts.toConnections}</Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}
