// Which clients use a connection for the viewer, in a line each, and the way to where that is managed.
import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { clientTitle } from '../clients/client-title.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { users as texts } from './texts.tsx';

export const ConnectionUsers_client = graphql(`
  fragment ConnectionUsers_client on AuthorizedClient {
    id
    client {
      name
      verifiedHost
    }
    grants {
      approvedAt
      lastUsedAt
    }
  }
`);

interface Props {
  connectionId: string;
  clients: readonly FragmentOf<typeof ConnectionUsers_client>[];
  total: number;
}

export function ConnectionUsers({ connectionId, clients: masked, total }: Props) {
  const clients = readFragment(ConnectionUsers_client, masked);
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="who-uses-it">
      <Group justify="space-between" gap="sm" mb="sm">
        <Title order={2} id="who-uses-it">
          {texts.title}
        </Title>
        {total > 0 && (
          <Anchor
            size="sm"
            underline="always"
            renderRoot={(root) => <Link {...root} to="/clients" search={{ connection: connectionId }} />}
          >
            {texts.all}
          </Anchor>
        )}
      </Group>
      {total === 0 && (
        <Text size="sm" c="dimmed">
          {texts.none}
        </Text>
      )}
      <Stack component="ul" className="plain-list" gap="xs">
        {clients.map(({ id, client, grants: [grant] }) => (
          <Text component="li" key={id} size="sm" className="break-anywhere">
            <b>{clientTitle(client)}</b>
            {grant && (
              <Text span inherit c="dimmed">
                {' · '}
                {texts.authorized}
                <When at={grant.approvedAt} />
                {', '}
                {grant.lastUsedAt ? (
                  <>
                    {texts.lastUsed}
                    <When at={grant.lastUsedAt} />
                  </>
                ) : (
                  texts.neverUsed
                )}
              </Text>
            )}
          </Text>
        ))}
      </Stack>
      {total > clients.length && (
        <Text size="sm" c="dimmed" mt="xs">
          {texts.more(total - clients.length)}
        </Text>
      )}
    </Card>
  );
}
