// Why a client cannot sign in: its last attempts at one connection, step by step.
import { Anchor, EmptyState, Stack } from '@mantine/core';
import { IconStethoscope } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { AuditEventRecorded, useLive } from '../graphql/use-live.ts';
import { usePageQuery } from '../graphql/use-page-query.ts';
import { EmptyList } from '../ui/empty-list.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { AttemptCard, AttemptCard_attempt } from './attempt-card.tsx';
import { troubles as texts } from './texts.tsx';

const Attempts = graphql(
  `
    query Attempts($id: ID!) {
      node(id: $id) {
        __typename
        ... on McpConnection {
          id
          name
          viewerMayChange
          owner {
            __typename
            ... on Organization {
              id
            }
          }
          connectAttempts {
            id
            ...AttemptCard_attempt
          }
        }
      }
    }
  `,
  [AttemptCard_attempt],
);

const typenames = ['McpConnection', 'ConnectAttempt'];

export const loadAttempts = (client: Client, id: string) => load(client, Attempts, { id }, typenames);

const route = getRouteApi('/_signed-in/connections/$id/sign-ins');

export function AttemptsPage() {
  const { id } = route.useParams();
  const { data, error, refresh } = usePageQuery(Attempts, { id }, typenames);
  const connection = data?.node?.__typename === 'McpConnection' ? data.node : undefined;
  useLive(
    refresh,
    AuditEventRecorded,
    connection?.owner.__typename === 'Organization' ? connection.owner.id : undefined,
  );
  const attempts = connection?.connectAttempts;
  return (
    <>
      <PageHeading
        title={texts.title}
        lead={connection && (connection.viewerMayChange ? texts.lead : texts.ownLead)(connection.name)}
        above={
          <Anchor
            size="sm"
            className="break-anywhere"
            renderRoot={(root) => <Link {...root} to="/connections/$id" params={{ id }} />}
          >
            {connection?.name ?? '…'}
          </Anchor>
        }
      />
      {error && data && <StaleNotice error={error} retry={refresh} />}
      {!data && !error && <ListSkeleton height={240} />}
      {!data && error && <Failure title={texts.failed} error={error} retry={refresh} />}
      {data && !attempts && <EmptyState description={texts.notYours} mt="xl" />}
      {attempts?.length === 0 && <EmptyList icon={IconStethoscope} title={texts.none} how={texts.noneHow} />}
      {attempts && attempts.length > 0 && (
        <Stack component="ul" className="plain-list" gap="md" aria-label={texts.list}>
          {attempts.map((attempt) => (
            <li key={attempt.id}>
              <AttemptCard attempt={attempt} />
            </li>
          ))}
        </Stack>
      )}
    </>
  );
}
