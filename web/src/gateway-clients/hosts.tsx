// The hosts whose clients wait for an administrator, and those that one has decided on.
import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { useTarget } from '../ui/use-target.ts';
import { When } from '../ui/when.tsx';
import { useHostDecisions } from './decide-host.ts';

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
              <Badge variant="light" color={status === 'APPROVED' ? 'teal' : 'red'} radius="sm" tt="none">
                {status === 'APPROVED' ? 'Let in' : 'Not let in'}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" className="break-anywhere">
            {status === 'WAITING' ? 'Asked for ' : 'Decided '}
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
              aria-label={`Let in: ${host}`}
              onClick={() => approve(host)}
            >
              Let in
            </Button>
          )}
          {status !== 'DENIED' && (
            <Button size="xs" variant="default" aria-label={`Do not let in: ${host}`} onClick={() => denied.open(host)}>
              Do not let in
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
        Waiting for you
      </Title>
      {waiting.length === 0 ? <Text c="dimmed">No host waits for a decision.</Text> : list('Hosts that wait', waiting)}
      {decided.length > 0 && (
        <>
          <Title order={2} size="h4" mt="md">
            Decided
          </Title>
          {list('Hosts that were decided on', decided)}
        </>
      )}
      <EndDialog
        opened={denied.opened}
        title={`Let no client of ${denied.value} in?`}
        doneTitle={`No client of ${denied.value} is let in`}
        confirm="Do not let in"
        act={() => decisions.deny(denied.value as string)}
        onClose={denied.close}
      >
        <Text>
          Whatever anyone here has authorized for its clients ends at once, for everyone. You can let the host in again
          later; what ended stays ended.
        </Text>
      </EndDialog>
    </Stack>
  );
}
