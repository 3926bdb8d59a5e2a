// How a client is connected: the address, and what to paste for each client.
import { Button, Card, Stack, Tabs, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { CopyableCode } from '../ui/copyable.tsx';
import { snippets } from './snippets.ts';
import { connecting as texts } from './texts.tsx';

export const ConnectSnippets_connection = graphql(`
  fragment ConnectSnippets_connection on McpConnection {
    name
    url
  }
`);

interface Props {
  connection: FragmentOf<typeof ConnectSnippets_connection>;
  /** What follows the snippets in the same card. */
  children?: ReactNode;
}

/** The section of a connection's page. */
export function ConnectClient({ connection, children }: Props) {
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="connect-a-client">
      <Title order={2} id="connect-a-client">
        {texts.title}
      </Title>
      <ConnectSnippets connection={connection} />
      {children}
    </Card>
  );
}

export function ConnectSnippets(props: { connection: FragmentOf<typeof ConnectSnippets_connection> }) {
  const connection = readFragment(ConnectSnippets_connection, props.connection);
  const all = snippets(connection.name, connection.url);
  return (
    <>
      <Text c="dimmed" size="sm" mt={4} mb="md">
        {texts.lead}
      </Text>
      <Text size="sm" fw={600} mb={4}>
        {texts.url}
      </Text>
      <CopyableCode value={connection.url} label={texts.copyUrl} />
      <Tabs defaultValue={all[0]?.id} mt="lg" keepMounted={false}>
        <Tabs.List aria-label={texts.clients} style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
          {all.map(({ id, client }) => (
            <Tabs.Tab key={id} value={id} px="sm" style={{ flexShrink: 0 }}>
              {client}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {all.map(({ id, client, steps, install }) => (
          <Tabs.Panel key={id} value={id} pt="md">
            <Stack gap="md" align="stretch">
              {install && (
                <Button
                  component="a"
                  href={install.href}
                  variant="light"
                  style={{ alignSelf: 'flex-start' }}
                  leftSection={<IconExternalLink size={18} aria-hidden />}
                >
                  {install.label}
                </Button>
              )}
              {steps.map(({ say, code }, index) => (
                <div key={say}>
                  <Text size="sm" mb={4}>
                    {say}
                  </Text>
                  <CopyableCode value={code} label={texts.copyFor(client, index)} />
                </div>
              ))}
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
