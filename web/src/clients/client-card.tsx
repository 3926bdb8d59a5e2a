// One client: who it is, and each grant that it holds.
import { Button, Card, Divider, Group, Stack } from '@mantine/core';
import { Fragment, memo } from 'react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { ClientIdentity, ClientIdentity_client } from './client-identity.tsx';
import { clientPhrase, clientTitle } from './client-title.ts';
import { GrantCard, GrantCard_grant } from './grant-card.tsx';
import type { Revocable } from './revocable.ts';
import type { Selection } from './selection.ts';
import { card as texts } from './texts.tsx';

export const ClientCard_client = graphql(
  `
    fragment ClientCard_client on AuthorizedClient {
      client {
        id
        clientId
        name
        verifiedHost
        ...ClientIdentity_client
      }
      grants {
        id
        status
        ...GrantCard_grant
      }
    }
  `,
  [ClientIdentity_client, GrantCard_grant],
);

interface Props {
  client: FragmentOf<typeof ClientCard_client>;
  onRevoke: (what: Revocable) => void;
  selection: Selection;
}

/** Drawn again only where its own client was read anew: the answers of a long list come page by page. */
export const ClientCard = memo(function ClientCard({ client: masked, onRevoke, selection }: Props) {
  const { client, grants } = readFragment(ClientCard_client, masked);
  const several = grants.length > 1;
  const live = grants.filter(({ status }) => status !== 'REVOKED').length;
  const pickOf = (id: string) =>
    selection.active ? { picked: selection.has(id), toggle: selection.toggle } : undefined;
  return (
    <Card
      component="section"
      withBorder
      padding="lg"
      bg="var(--grantway-card)"
      aria-label={several ? clientTitle(client) : undefined}
    >
      {several && (
        <Group justify="space-between" align="flex-start" gap="sm" mb="md">
          <div style={{ flex: '1 1 18rem', minWidth: 0 }}>
            <ClientIdentity client={client} />
          </div>
          {live > 1 && !selection.active && (
            <Button
              color="red"
              variant="light"
              aria-label={texts.revokeAllLabel(clientTitle(client), live)}
              onClick={() => onRevoke({ kind: 'client', id: client.id, client: clientPhrase(client) })}
            >
              {texts.revokeAll(live)}
            </Button>
          )}
        </Group>
      )}
      <Stack gap="lg">
        {grants.map((grant, index) => (
          <Fragment key={grant.id}>
            {several && <Divider mt={index > 0 ? 'xs' : 0} />}
            <GrantCard
              grant={grant}
              client={client}
              head={several ? undefined : <ClientIdentity client={client} />}
              onRevoke={onRevoke}
              pick={grant.status === 'REVOKED' ? undefined : pickOf(grant.id)}
            />
          </Fragment>
        ))}
      </Stack>
    </Card>
  );
});
