// The viewer's own sign-in at the provider of a connection: whose it is, and how to begin, renew and end it.
import { Alert, Badge, Button, Card, Code, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { failureText } from '../graphql/failure.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { done, failed, type Outcome, refused, unhandled } from '../graphql/outcome.ts';
import { EndDialog } from '../ui/end-dialog.tsx';
import { When } from '../ui/when.tsx';
import { account as texts } from './provider-texts.ts';

export const ProviderAccount_connection = graphql(`
  fragment ProviderAccount_connection on McpConnection {
    id
    name
    status
    providerSignIn {
      status
      account
      scopes
      signedInAt
    }
  }
`);

const ProviderSignInBegin = graphql(`
  mutation ConnectionProviderSignIn($input: ConnectionProviderSignInInput!) {
    connectionProviderSignIn(input: $input) {
      __typename
      ... on ConnectionProviderSignInPayload {
        redirectTo
      }
      ... on NotFoundError {
        message
      }
      ... on ValidationError {
        message
      }
    }
  }
`);

const ProviderDisconnect = graphql(
  `
    mutation ConnectionProviderDisconnect($input: ConnectionProviderDisconnectInput!) {
      connectionProviderDisconnect(input: $input) {
        __typename
        ... on ConnectionProviderDisconnectPayload {
          connection {
            ...ProviderAccount_connection
          }
        }
        ... on NotFoundError {
          message
        }
      }
    }
  `,
  [ProviderAccount_connection],
);

/** How a sign-in that began here came back, as the address says. */
export type CameBack = keyof typeof texts.came;

interface Props {
  connection: FragmentOf<typeof ProviderAccount_connection>;
  cameBack: CameBack | undefined;
}

export function ProviderAccount({ connection: masked, cameBack }: Props) {
  const connection = readFragment(ProviderAccount_connection, masked);
  const signIn = connection.providerSignIn;
  const [{ fetching }, begin] = useMutation(ProviderSignInBegin);
  const [, end] = useMutation(ProviderDisconnect);
  const [refusal, setRefusal] = useState<string>();
  const [leaving, setLeaving] = useState(false);
  const [ending, setEnding] = useState(false);
  if (!signIn) return null;
  const input = { connectionId: connection.id };

  async function connect() {
    setRefusal(undefined);
    const { data, error } = await begin({ input });
    if (error || !data) return setRefusal(failureText(error));
    const answer = data.connectionProviderSignIn;
    switch (answer.__typename) {
      case 'ConnectionProviderSignInPayload':
        setLeaving(true);
        return window.location.assign(answer.redirectTo);
      case 'NotFoundError':
      case 'ValidationError':
        return setRefusal(answer.message);
      default: {
        const unknown = unhandled(answer);
        if ('refused' in unknown) setRefusal(unknown.refused);
      }
    }
  }

  async function disconnect(): Promise<Outcome<string>> {
    const { data, error } = await end({ input });
    if (error || !data) return failed(error);
    const answer = data.connectionProviderDisconnect;
    switch (answer.__typename) {
      case 'ConnectionProviderDisconnectPayload':
        return done(texts.end.receipt);
      case 'NotFoundError':
        return refused(answer.message);
      default:
        return unhandled(answer);
    }
  }

  const signedIn = signIn.status === 'SIGNED_IN';
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="the-sign-in">
      <Group justify="space-between" mb="md">
        <Group gap="xs">
          <Title order={2} id="the-sign-in">
            {texts.title}
          </Title>
          <Badge color={COLORS[signIn.status]} variant="light">
            {texts.states[signIn.status]}
          </Badge>
        </Group>
        <Group gap="xs">
          {signIn.status !== 'SIGNED_OUT' && (
            <Button variant="default" size="xs" onClick={() => setEnding(true)}>
              {texts.disconnect}
            </Button>
          )}
          {connection.status === 'ENABLED' && (
            <Button size="xs" variant={signedIn ? 'default' : 'filled'} loading={fetching || leaving} onClick={connect}>
              {signIn.status === 'SIGNED_OUT' ? texts.connect : texts.reconnect}
            </Button>
          )}
        </Group>
      </Group>
      <Stack gap="sm">
        {cameBack && (signedIn || cameBack !== 'connected') && <CameBackNotice how={cameBack} />}
        <Text>
          {signIn.status === 'SIGNED_OUT' && texts.out}
          {signedIn && texts.in(signIn.account)}
          {signIn.status === 'NEEDS_REAUTH' && texts.again}
        </Text>
        {signIn.signedInAt && signedIn && (
          <Text size="sm" c="dimmed">
            {texts.since} <When at={signIn.signedInAt} />
          </Text>
        )}
        {signIn.scopes.length > 0 && (
          <Group gap="xs">
            <Text size="sm" c="dimmed">
              {texts.scopes}
            </Text>
            {signIn.scopes.map((scope) => (
              <Code key={scope} className="break-anywhere">
                {scope}
              </Code>
            ))}
          </Group>
        )}
        {refusal && (
          <Alert color="red" role="alert" title={texts.refused}>
            {refusal}
          </Alert>
        )}
      </Stack>
      <EndDialog
        opened={ending}
        title={texts.end.ask(connection.name)}
        doneTitle={texts.end.done(connection.name)}
        confirm={texts.disconnect}
        act={disconnect}
        onClose={() => setEnding(false)}
      >
        <Text>{texts.end.what}</Text>
      </EndDialog>
    </Card>
  );
}

const COLORS = { SIGNED_IN: 'teal', SIGNED_OUT: 'gray', NEEDS_REAUTH: 'orange' } as const;

function CameBackNotice({ how }: { how: CameBack }) {
  const fine = how === 'connected';
  const Icon = fine ? IconCircleCheck : IconAlertTriangle;
  return (
    <Alert color={fine ? 'teal' : 'orange'} role="status" icon={<Icon aria-hidden />}>
      {texts.came[how]}
    </Alert>
  );
}
