// One grant: who may act for the viewer, where, on whose behalf, since when, how much, and the way to end it.
import { Anchor, Box, Button, Card, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { When } from '../ui/when.tsx';
import { ClientIdentity, ClientIdentity_client } from './client-identity.tsx';
import { clientPhrase, clientTitle } from './client-title.ts';
import { GrantFacts } from './grant-facts.tsx';
import { reasonText } from './revocation-reason.ts';
import type { RevocableGrant } from './revoke-grant-dialog.tsx';
import { GrantedScopes } from './scopes.tsx';
import { type SignIn, SignIns, SignIns_family } from './sign-ins.tsx';
import { UsageSparkline, UsageSparkline_point } from './usage-sparkline.tsx';

export const GrantCard_grant = graphql(
  `
    fragment GrantCard_grant on Grant {
      id
      status
      redirectUri
      scopes
      approvedAt
      lastUsedAt
      expiresAt
      revokedAt
      revocationReason
      client {
        clientId
        name
        verifiedHost
        ...ClientIdentity_client
      }
      connection {
        id
        name
        status
      }
      owner {
        __typename
        ... on Organization {
          name
        }
      }
      families {
        revokedAt
        ...SignIns_family
      }
      usage {
        ...UsageSparkline_point
      }
    }
  `,
  [ClientIdentity_client, SignIns_family, UsageSparkline_point],
);

interface Props {
  grant: FragmentOf<typeof GrantCard_grant>;
  onRevoke: (grant: RevocableGrant) => void;
  onRevokeSignIn: (signIn: SignIn & { client: string; connection: string }) => void;
}

export function GrantCard({ grant: masked, onRevoke, onRevokeSignIn }: Props) {
  const grant = readFragment(GrantCard_grant, masked);
  const { client, connection, owner } = grant;
  const title = clientTitle(client);
  const live = grant.status !== 'REVOKED';
  const liveSignIns = grant.families.filter(({ revokedAt }) => revokedAt === null).length;
  return (
    <Card
      component="article"
      withBorder
      padding="lg"
      bg="var(--grantway-card)"
      aria-label={`${title}, ${connection.name}`}
    >
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div style={{ minWidth: 0 }}>
            <ClientIdentity client={client} />
            <Text mt={4} className="break-anywhere">
              {live ? 'Authorized to use ' : 'Was authorized to use '}
              {connection.status === 'DELETED' ? (
                <Text span inherit fw={600}>
                  {connection.name}
                </Text>
              ) : (
                <Anchor
                  fw={600}
                  underline="always"
                  renderRoot={(root) => <Link {...root} to="/connections/$id" params={{ id: connection.id }} />}
                >
                  {connection.name}
                </Anchor>
              )}
              {' on behalf of '}
              <Text span inherit fw={600}>
                {owner.__typename === 'Organization' ? owner.name : 'yourself'}
              </Text>
            </Text>
          </div>
          {live && (
            <Button
              color="red"
              variant="outline"
              style={{ flexShrink: 0 }}
              aria-label={`Revoke access of ${title} to ${connection.name}`}
              onClick={() =>
                onRevoke({
                  id: grant.id,
                  client: clientPhrase(client),
                  connection: connection.name,
                  clientId: client.clientId,
                  redirectUri: grant.redirectUri,
                  signIns: liveSignIns,
                })
              }
            >
              Revoke
            </Button>
          )}
        </Group>

        <Times grant={grant} />

        <div>
          <Text component="h3" size="sm" fw={600} m={0} mb={4}>
            {live ? 'What this grants' : 'What this granted'}
          </Text>
          <GrantedScopes scopes={grant.scopes} connection={connection.name} />
        </div>

        <UsageSparkline usage={grant.usage} />
        {live && (
          <SignIns
            families={grant.families}
            onRevoke={(signIn) =>
              onRevokeSignIn({ ...signIn, client: clientPhrase(client), connection: connection.name })
            }
          />
        )}

        <Box component="details">
          <Text component="summary" size="sm" c="dimmed" mb="xs">
            Technical details
          </Text>
          <GrantFacts
            clientId={client.clientId}
            redirectUri={grant.redirectUri}
            approvedAt={grant.approvedAt}
            lastUsedAt={grant.lastUsedAt}
          />
        </Box>
      </Stack>
    </Card>
  );
}

interface GrantTimes {
  approvedAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
  revokedAt: string | null;
  revocationReason: string | null;
}

function Times({ grant }: { grant: GrantTimes }) {
  return (
    <Text size="sm" c="dimmed">
      Authorized <When at={grant.approvedAt} />
      {' · '}
      {grant.lastUsedAt ? (
        <>
          last used <When at={grant.lastUsedAt} />
        </>
      ) : (
        'never used'
      )}
      {grant.revokedAt && (
        <Text span inherit display="block" c="var(--mantine-color-text)" mt={4}>
          Ended <When at={grant.revokedAt} />: {reasonText(grant.revocationReason)}.
        </Text>
      )}
      {!grant.revokedAt && grant.expiresAt && (
        <>
          {' · ends '}
          <When at={grant.expiresAt} />
        </>
      )}
    </Text>
  );
}
