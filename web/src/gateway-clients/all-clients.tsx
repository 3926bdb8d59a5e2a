// Every client of this gateway, for an administrator to block.
import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { ClientIdentity, ClientIdentity_client } from '../clients/client-identity.tsx';
import { clientPhrase } from '../clients/client-title.ts';
import { graphql, type ResultOf } from '../graphql/graphql.ts';
import type { Pages } from '../graphql/use-pages.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Failure, ListSkeleton } from '../ui/states.tsx';
import { useTarget } from '../ui/use-target.ts';
import { When } from '../ui/when.tsx';
import { useClientBlock } from './decide-host.ts';
import { clients as texts } from './texts.ts';

export const AllClients = graphql(
  `
    query AllClients($search: String, $after: String) {
      clients(first: 20, search: $search, after: $after) {
        edges {
          node {
            id
            clientId
            name
            verifiedHost
            createdAt
            blockedAt
            ...ClientIdentity_client
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ClientIdentity_client],
);

type Listed = ResultOf<typeof AllClients>['clients']['edges'][number]['node'];

interface Props {
  list: Pages<unknown, Listed>;
  search: string;
  onSearch: (search: string) => void;
}

export function AllClientsList({ list, search, onSearch }: Props) {
  const act = useClientBlock();
  const blocked = useTarget<Listed>();
  const [working, setWorking] = useState<string>();
  const [refusal, setRefusal] = useState<string>();

  async function unblock(id: string) {
    setWorking(id);
    const outcome = await act.unblock(id);
    setRefusal('refused' in outcome ? outcome.refused : undefined);
    setWorking(undefined);
  }

  return (
    <Stack gap="md" mt="xl">
      <Title order={2} size="h4">
        {texts.title}
      </Title>
      <Group>
        <SearchField label={texts.search} value={search} onSearch={onSearch} />
      </Group>
      {refusal && (
        <Alert color="red" role="alert">
          {refusal}
        </Alert>
      )}
      {!list.data && !list.error && <ListSkeleton height={72} />}
      {list.error && !list.data && <Failure title={texts.failed} error={list.error} retry={list.refresh} />}
      {list.data !== undefined && list.nodes.length === 0 && <Text c="dimmed">{texts.none}</Text>}
      <Stack gap="sm" component="ul" aria-label={texts.list} p={0} m={0} style={{ listStyle: 'none' }}>
        {list.nodes.map((client) => (
          <Card key={client.id} component="li" withBorder padding="md" bg="var(--grantway-card)">
            <Group justify="space-between" gap="sm">
              <div style={{ flex: '1 1 16rem' }}>
                <Group gap="xs">
                  <ClientIdentity client={client} as="p" />
                  {client.blockedAt && (
                    <Badge variant="light" color="red">
                      {texts.blocked}
                    </Badge>
                  )}
                </Group>
                <Text size="sm" c="dimmed" className="break-anywhere">
                  {texts.since} <When at={client.createdAt} /> · {client.clientId}
                </Text>
              </div>
              <Button
                size="xs"
                variant="default"
                loading={working === client.id}
                aria-label={(client.blockedAt ? texts.unblockLabel : texts.blockLabel)(clientPhrase(client))}
                onClick={() => (client.blockedAt ? unblock(client.id) : blocked.open(client))}
              >
                {client.blockedAt ? texts.unblock : texts.block}
              </Button>
            </Group>
          </Card>
        ))}
      </Stack>
      <LoadMore more={list.more} loading={list.loadingMore} />
      <EndDialog
        opened={blocked.opened}
        title={texts.ask(blocked.value ? clientPhrase(blocked.value) : texts.unnamed)}
        doneTitle={texts.done}
        confirm={texts.block}
        act={() => act.block(blocked.value?.id ?? '')}
        onClose={blocked.close}
      >
        <Text>{texts.what}</Text>
      </EndDialog>
    </Stack>
  );
}
