// One grant of a client: where it may act, on whose behalf, since when, how much, and the way to end it.
import { Anchor, Badge, Box, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { clientPhrase, clientTitle } from './client-title.ts';
import { GrantFacts } from './grant-facts.tsx';
import { GrantTimes } from './grant-times.tsx';
import type { Revocable, RevocableGrant } from './revocable.ts';
import { GrantedScopes } from './scopes.tsx';
import { looksStolen, SignIns, SignIns_family } from './sign-ins.tsx';
import { selection, card as texts } from './texts.tsx';
import { UsageSparkline, UsageSparkline_point } from './usage-sparkline.tsx';

const PickBox = lazy(() => import('./pick-box.tsx').then((module) => ({ default: module.PickBox })));

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
      deniedSince {
        count
        lastHour
      }
      connectionName
      connection {
        id
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
        revocationReason
        ...SignIns_family
      }
      usage {
        ...UsageSparkline_point
      }
    }
  `,
  [SignIns_family, UsageSparkline_point],
);

export interface GrantHolder {
  clientId: string;
  name: string | null;
  verifiedHost: string | null;
}

interface Props {
  grant: FragmentOf<typeof GrantCard_grant>;
  client: GrantHolder;
  /** The client's own line, where this is its only grant. */
  head?: ReactNode;
  onRevoke: (what: Revocable) => void;
  /** Absent while nothing is being selected. */
  pick?: { picked: boolean; toggle: (grant: RevocableGrant) => void } | undefined;
}

export function GrantCard({ grant: masked, client, head, onRevoke, pick }: Props) {
  const grant = readFragment(GrantCard_grant, masked);
  const { connection, connectionName, owner } = grant;
  const title = clientTitle(client);
  const live = grant.status !== 'REVOKED';
  const revocable: RevocableGrant = {
    id: grant.id,
    client: clientPhrase(client),
    connection: connectionName,
    clientId: client.clientId,
    redirectUri: grant.redirectUri,
    signIns: grant.families.filter(({ revokedAt }) => revokedAt === null).length,
  };
  return (
    <Stack component="article" gap="sm" aria-label={`${title}, ${connectionName}`}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group flex="1 1 18rem" gap="sm" wrap="nowrap" align="flex-start" style={{ minWidth: 0 }}>
          {pick && (
            <Suspense>
              <PickBox
                label={selection.pick(title, connectionName)}
                picked={pick.picked}
                onToggle={() => pick.toggle(revocable)}
              />
            </Suspense>
          )}
          <div style={{ minWidth: 0 }}>
            {head}
            <Text mt={head ? 4 : 0} className="break-anywhere">
              {live ? texts.mayUse : texts.couldUse}
              {!connection || connection.status === 'DELETED' ? (
                <Text span inherit fw={600}>
                  {connectionName}
                </Text>
              ) : (
                <Anchor
                  fw={600}
                  underline="always"
                  renderRoot={(root) => <Link {...root} to="/connections/$id" params={{ id: connection.id }} />}
                >
                  {connectionName}
                </Anchor>
              )}
              {texts.onBehalf}
              <Text span inherit fw={600}>
                {owner.__typename === 'Organization' ? owner.name : texts.yourself}
              </Text>
            </Text>
            <GrantTimes grant={grant} />
            <Hints grant={grant} />
          </div>
        </Group>
        {live && !pick && (
          <Button
            color="red"
            variant="outline"
            aria-label={texts.revokeLabel(title, connectionName)}
            onClick={() => onRevoke({ kind: 'grant', ...revocable })}
          >
            {texts.revoke}
          </Button>
        )}
      </Group>

      <div>
        <Text component="h3" size="sm" fw={600} m={0} mb={4}>
          {live ? texts.what.live : texts.what.over}
        </Text>
        <GrantedScopes scopes={grant.scopes} connection={connectionName} />
      </div>

      <UsageSparkline usage={grant.usage} />
      {live && (
        <SignIns
          families={grant.families}
          onRevoke={(signIn) =>
            onRevoke({ kind: 'sign-in', ...signIn, client: revocable.client, connection: connectionName })
          }
        />
      )}

      <Box component="details">
        <Text component="summary" size="sm" c="dimmed" mb="xs">
          {texts.details}
        </Text>
        <GrantFacts clientId={client.clientId} redirectUri={grant.redirectUri} />
      </Box>
    </Stack>
  );
}

const UNUSED_MS = 30 * 86_400_000;

interface HintedGrant {
  status: string;
  approvedAt: string;
  lastUsedAt: string | null;
  families: readonly { revocationReason: string | null }[];
}

function Hints({ grant }: { grant: HintedGrant }) {
  if (grant.status === 'REVOKED') return null;
  const unused = Date.now() - Date.parse(grant.lastUsedAt ?? grant.approvedAt) > UNUSED_MS;
  const stolen = grant.families.some(({ revocationReason }) => looksStolen(revocationReason));
  if (!unused && !stolen) return null;
  return (
    <Group gap="xs" mt={6}>
      {stolen && (
        <Badge variant="light" color="orange">
          {texts.oldToken}
        </Badge>
      )}
      {unused && (
        <Badge variant="light" color="yellow">
          {texts.unused}
        </Badge>
      )}
    </Group>
  );
}
