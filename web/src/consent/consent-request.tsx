// The question itself: who asks, to use what, as whom, until when, and what that allows.
import { Alert, Badge, Button, Divider, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { ClientIdentity, ClientIdentity_client } from '../clients/client-identity.tsx';
import { clientPhrase } from '../clients/client-title.ts';
import { GrantedScopes } from '../clients/scopes.tsx';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import type { SessionUser } from '../sign-in/session.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { ConsentConnection, ConsentConnection_connection } from './consent-connection.tsx';
import { type Decision, useDecide } from './decide.ts';
import { type Expiry, expiries, expirySeconds } from './expiry.ts';
import { GrantingAccount } from './granting-account.tsx';
import { RedirectNotice } from './redirect-notice.tsx';

export const ConsentRequest_request = graphql(
  `
    fragment ConsentRequest_request on AuthorizationRequest {
      id
      redirectUri
      redirectUriIsLoopback
      scopes
      clientKnown
      client {
        name
        verifiedHost
        ...ClientIdentity_client
      }
      connection {
        id
        name
        ...ConsentConnection_connection
      }
      candidateConnections {
        id
        name
        ...ConsentConnection_connection
      }
    }
  `,
  [ClientIdentity_client, ConsentConnection_connection],
);

interface Props {
  request: FragmentOf<typeof ConsentRequest_request>;
  user: SessionUser;
  refusal: string | undefined;
  onDecision: (decision: Decision, allowed: boolean) => void;
}

export function ConsentRequest({ request: masked, user, refusal, onDecision }: Props) {
  const request = readFragment(ConsentRequest_request, masked);
  const decide = useDecide(request.id);
  const [working, setWorking] = useState<'allow' | 'deny'>();
  const [expiry, setExpiry] = useState<Expiry>('revoked');
  const candidates = request.connection ? [] : request.candidateConnections;
  const [picked, setPicked] = useState(candidates[0]?.id);
  const connection = request.connection ?? candidates.find(({ id }) => id === picked);

  async function answer(act: 'allow' | 'deny') {
    setWorking(act);
    const decision =
      act === 'allow'
        ? await decide.approve({
            expiresIn: expirySeconds(expiry),
            connectionId: request.connection ? undefined : picked,
          })
        : await decide.deny();
    setWorking(undefined);
    onDecision(decision, act === 'allow');
  }

  return (
    <>
      <PageHeading title={connection ? `Allow access to ${connection.name}?` : 'Allow access?'} />
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed">
            Asking for access
          </Text>
          <ClientIdentity client={request.client} as="p" explained />
          {!request.clientKnown && (
            <Badge variant="light" color="orange" radius="sm" tt="none" mt={6}>
              New to you: it has no access yet
            </Badge>
          )}
        </div>
        <RedirectNotice uri={request.redirectUri} loopback={request.redirectUriIsLoopback} />
        <Divider />
        {candidates.length > 0 && (
          <NativeSelect
            label="Connection"
            description="The client did not say which one it wants. Pick what it may use."
            data={candidates.map(({ id, name }) => ({ value: id, label: name }))}
            value={picked}
            onChange={(event) => setPicked(event.currentTarget.value)}
          />
        )}
        {connection ? (
          <>
            <ConsentConnection connection={connection} />
            <div>
              <Text size="sm" c="dimmed" mb={2}>
                If you allow it, {clientPhrase(request.client)} can
              </Text>
              <GrantedScopes scopes={request.scopes} connection={connection.name} />
            </div>
          </>
        ) : (
          <Alert color="orange" title="There is nothing that it could use">
            You have no connection yet. Create one first, then connect from the application again.
          </Alert>
        )}
        <NativeSelect
          label="How long"
          data={expiries.map(({ value, label }) => ({ value, label }))}
          value={expiry}
          onChange={(event) => setExpiry(event.currentTarget.value as Expiry)}
        />
        <Divider />
        <GrantingAccount user={user} />
        {refusal && (
          <Alert color="red" role="alert" title="Your answer did not get through">
            {refusal}
          </Alert>
        )}
        <Group grow gap="sm">
          <Button
            variant="default"
            size="md"
            disabled={!!working}
            loading={working === 'deny'}
            onClick={() => answer('deny')}
          >
            Deny
          </Button>
          <Button
            size="md"
            disabled={!connection || !!working}
            loading={working === 'allow'}
            onClick={() => answer('allow')}
          >
            Allow
          </Button>
        </Group>
        <Text size="xs" c="dimmed" ta="center">
          You can take this back at any time under Authorized clients.
        </Text>
      </Stack>
    </>
  );
}
