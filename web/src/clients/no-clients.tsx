// Why there is nothing in the list of clients, and what to do.
import { Button, Code } from '@mantine/core';
import { IconClockOff, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ClientsSearch } from '../routes/clients.tsx';
import { EmptyList } from '../ui/empty-list.tsx';
import { NoMatch } from '../ui/no-match.tsx';
import { empty as texts } from './texts.tsx';

export function NoClients({ search, clear }: { search: ClientsSearch; clear: () => void }) {
  if (search.q || search.connection)
    return <NoMatch title={texts.noMatch} how={texts.noMatchHow} all={texts.clear} showAll={clear} />;
  if (search.status === 'revoked') return <EmptyList icon={IconShieldX} title={texts.revoked} how={texts.revokedHow} />;
  if (search.status) return <EmptyList icon={IconClockOff} title={texts.expired} how={texts.expiredHow} />;
  return (
    <EmptyList icon={IconShieldCheck} title={texts.active} how={texts.activeHow(<Code>{texts.example}</Code>)}>
      <Button renderRoot={(root) => <Link {...root} to="/connections" />}>{texts.toConnections}</Button>
    </EmptyList>
  );
}
