// The first minutes: an account and a connection are there, and the page leads to the first call of a client.
import { Anchor, Card, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { Arrival, type Arrival_client, Step } from './arrival.tsx';
import { ConnectSnippets, ConnectSnippets_connection } from './connect-snippets.tsx';
import { firstRun as texts } from './texts.tsx';

export const FirstRun_connection = graphql(
  `
    fragment FirstRun_connection on McpConnection {
      id
      name
      ...ConnectSnippets_connection
    }
  `,
  [ConnectSnippets_connection],
);

interface Props {
  connection: FragmentOf<typeof FirstRun_connection>;
  client: FragmentOf<typeof Arrival_client> | undefined;
}

export function FirstRun({ connection: masked, client }: Props) {
  const connection = readFragment(FirstRun_connection, masked);
  return (
    <Card component="section" withBorder padding="lg" mb="lg" bg="var(--grantway-card)" aria-labelledby="get-started">
      <Title order={2} id="get-started" mb="md">
        {texts.title}
      </Title>
      <Stack gap="xs" mb="lg">
        <Step done>{texts.account}</Step>
        <Step done>
          {texts.connection(
            <Anchor
              underline="always"
              renderRoot={(root) => <Link {...root} to="/connections/$id" params={{ id: connection.id }} />}
            >
              {connection.name}
            </Anchor>,
          )}
        </Step>
      </Stack>
      <Text fw={600}>{texts.connect}</Text>
      <ConnectSnippets connection={connection} />
      <Arrival client={client} />
      <Text size="sm" c="dimmed" mt="sm">
        {texts.test}
      </Text>
    </Card>
  );
}
