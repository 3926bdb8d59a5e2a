// The question itself: who asks, to use what, as whom, until when, and what that allows.
import { Alert, Button, Divider, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { ClientIdentity, ClientIdentity_client } from '../clients/client-identity.tsx';
import { clientPhrase } from '../clients/client-title.ts';
import { GrantedScopes } from '../clients/scopes.tsx';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import type { SessionUser } from '../sign-in/session.ts';
import { PageHeading } from '../ui/page-heading.tsx';
import { exactTime } from '../ui/time.ts';
import { ClientHistory } from './client-history.tsx';
import { ConsentConnection, ConsentConnection_connection } from './consent-connection.tsx';
import { type Decision, useDecide } from './decide.ts';
import { type Expiry, expiries, expirySeconds } from './expiry.ts';
import { GrantingAccount } from './granting-account.tsx';
import { RedirectNotice } from './redirect-notice.tsx';
import { history, question as texts } from './texts.tsx';

export const ConsentRequest_request = graphql(
  `
    fragment ConsentRequest_request on AuthorizationRequest {
      id
      redirectUri
      redirectUriIsLoopback
      scopes
      previousGrant {
        status
        scopes
        approvedAt
        revokedAt
        revocationReason
      }
      client {
        name
        verifiedHost
        createdAt
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

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

export function ConsentRequest({ request: masked, user, refusal, onDecision }: Props) {
  const request = readFragment(ConsentRequest_request, masked);
  const decide = useDecide(request.id);
  const [working, setWorking] = useState<'allow' | 'deny'>();
  const [expiry, setExpiry] = useState<Expiry>('revoked');
  const candidates = request.connection ? [] : request.candidateConnections;
  const [picked, setPicked] = useState(candidates[0]?.id);
  const connection = request.connection ?? candidates.find(({ id }) => id === picked);

  const seconds = expirySeconds(expiry);
  // Against what was allowed last, whether or not that still stands.
  const before = request.previousGrant?.scopes;
  const added = before ? request.scopes.filter((scope) => !before.includes(scope)) : [];
  const wider = added.length > 0;

  async function answer(act: 'allow' | 'deny') {
    setWorking(act);
    const decision =
      act === 'allow'
        ? await decide.approve({
            expiresIn: seconds,
            connectionId: request.connection ? undefined : picked,
          })
        : await decide.deny();
    setWorking(undefined);
    onDecision(decision, act === 'allow');
  }

  return (
    <>
      <PageHeading title={connection ? texts.title(connection.name) : texts.titleOpen} />
      <Stack gap="md">
        <div>
          <Text size="sm" c="dimmed">
            {texts.asking}
          </Text>
          <ClientIdentity client={request.client} as="p" explained />
          <ClientHistory previous={request.previousGrant} client={request.client} />
        </div>
        <RedirectNotice
          uri={request.redirectUri}
          loopback={request.redirectUriIsLoopback}
          verifiedHost={request.client.verifiedHost}
        />
        <Divider />
        {candidates.length > 0 && (
          <NativeSelect
            label={texts.connection}
            description={texts.connectionHow}
            data={candidates.map(({ id, name }) => ({ value: id, label: name }))}
            value={picked}
            onChange={(event) => setPicked(event.currentTarget.value)}
          />
        )}
        {connection ? (
          <>
            <ConsentConnection connection={connection} />
            {wider && (
              <Alert color="orange" p="sm" icon={<IconAlertTriangle aria-hidden />}>
                {history.wider}
              </Alert>
            )}
            <div>
              <Text size="sm" c="dimmed" mb={2}>
                {texts.can(clientPhrase(request.client))}
              </Text>
              <GrantedScopes
                scopes={request.scopes}
                connection={connection.name}
                marked={added}
                mark={history.newScope}
              />
            </div>
          </>
        ) : (
          <Alert color="orange" title={texts.nothing}>
            {texts.nothingHow}
          </Alert>
        )}
        <NativeSelect
          label={texts.howLong}
          description={seconds === undefined ? texts.lastsOpen : texts.lastsUntil(exactTime(inSeconds(seconds)))}
          inputWrapperOrder={['label', 'input', 'description']}
          data={expiries.map(({ value, label }) => ({ value, label }))}
          value={expiry}
          onChange={(event) => setExpiry(event.currentTarget.value as Expiry)}
        />
        <Divider />
        <GrantingAccount user={user} />
        {refusal && (
          <Alert color="red" role="alert" title={texts.refused}>
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
            {texts.deny}
          </Button>
          <Button
            size="md"
            disabled={!connection || !!working}
            loading={working === 'allow'}
            onClick={() => answer('allow')}
          >
            {texts.allow}
          </Button>
        </Group>
        <Text size="xs" c="dimmed" ta="center">
          {texts.takeBack}
        </Text>
      </Stack>
    </>
  );
}
