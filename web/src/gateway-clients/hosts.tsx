// The hosts whose clients wait for an administrator, and those that one has decided on.
import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { useTarget } from '../ui/use-target.ts';
import { When } from '../ui/when.tsx';
import { useHostDecisions } from './decide-host.ts';
import { hosts as texts } from './texts.ts';

export const Hosts_host = graphql(`
  fragment Hosts_host on ClientHost {
    host
    status
    clientId
    lastAskedAt
    decidedAt
  }
`);

export function Hosts({ hosts: masked }: { hosts: readonly FragmentOf<typeof Hosts_host>[] }) {
  const hosts = readFragment(Hosts_host, masked);
  const decisions = useHostDecisions();
  const denied = useTarget<string>();
  const [working, setWorking] = useState<string>();
  const [said, setSaid] = useState<{ text: string; refused: boolean }>();
  const waiting = hosts.filter(({ status }) => status === 'WAITING');
  const decided = hosts.filter(({ status }) => status !== 'WAITING');

  async function approve(host: string) {
    setWorking(host);
    const outcome = await decisions.approve(host);
    setSaid('done' in outcome ? { text: outcome.done, refused: false } : { text: outcome.refused, refused: true });
    setWorking(undefined);
  }

  const row = ({ host, status, clientId, lastAskedAt, decidedAt }: (typeof hosts)[number]) => (
    <Card key={host} component="li" withBorder padding="md" bg="var(--grantway-card)">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: '1 1 16rem' }}>
          <Group gap="xs">
            <Text fw={600} className="break-anywhere">
              {host}
            </Text>
            {status !== 'WAITING' && (
              <Badge variant="light" color={status === 'APPROVED' ? 'teal' : 'red'}>
                {status === 'APPROVED' ? texts.approved : texts.denied}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" className="break-anywhere">
            {status === 'WAITING' ? texts.askedAt : texts.decidedAt}
            {(status === 'WAITING' ? lastAskedAt : decidedAt) && (
              <When at={(status === 'WAITING' ? lastAskedAt : decidedAt) as string} />
            )}
            {clientId && ` · ${clientId}`}
          </Text>
        </div>
        <Group gap="xs">
          {status !== 'APPROVED' && (
            <Button
              size="xs"
              variant={status === 'WAITING' ? 'filled' : 'default'}
              loading={working === host}
              aria-label={texts.approveLabel(host)}
              onClick={() => approve(host)}
            >
              {texts.approve}
            </Button>
          )}
          {status !== 'DENIED' && (
            <Button size="xs" variant="default" aria-label={texts.denyLabel(host)} onClick={() => denied.open(host)}>
              {texts.deny}
            </Button>
          )}
        </Group>
      </Group>
    </Card>
  );
  const list = (label: string, some: typeof hosts) => (
    <Stack gap="sm" component="ul" aria-label={label} p={0} m={0} style={{ listStyle: 'none' }}>
      {some.map(row)}
    </Stack>
  );

  return (
    <Stack gap="md">
      {said && (
        <Alert color={said.refused ? 'red' : 'teal'} role={said.refused ? 'alert' : 'status'}>
          {said.text}
        </Alert>
      )}
      <Title order={2} size="h4">
        {texts.waiting}
      </Title>
      {waiting.length === 0 ? <Text c="dimmed">{texts.none}</Text> : list(texts.waitingList, waiting)}
      {decided.length > 0 && (
        <>
          <Title order={2} size="h4" mt="md">
            {texts.decided}
          </Title>
          {list(texts.decidedList, decided)}
        </>
      )}
      <EndDialog
        opened={denied.opened}
        title={texts.ask(denied.value)}
        doneTitle={texts.done(denied.value)}
        confirm={texts.deny}
        act={() => decisions.deny(denied.value as string)}
        onClose={denied.close}
      >
        <Text>{texts.what}</Text>
      </EndDialog>
    </Stack>
  );
}
