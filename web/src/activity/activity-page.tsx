// What happened, newest first, as it happens.
import { Card, Timeline } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { useMemo } from 'react';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { AuditEventRecorded, useLive } from '../graphql/use-live.ts';
import { usePages } from '../graphql/use-pages.ts';
import { ownerOf } from '../organization/owner.ts';
import { EmptyList } from '../ui/empty-list.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { NoMatch } from '../ui/no-match.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import classes from './activity.module.css';
import { ActivityEvent, ActivityEvent_event, eventColor } from './activity-event.tsx';
import { ActivityExport } from './activity-export.tsx';
import { ActivityFilters, ActivityFilters_viewer } from './activity-filters.tsx';
import { type ActivitySearch, filterOf } from './search.ts';
import { texts } from './texts.ts';

const Activity = graphql(
  `
    query Activity(
      $owner: OwnerInput
      $kinds: [String!]
      $outcome: AuditOutcome
      $connectionId: ID
      $clientId: ID
      $since: DateTime
      $after: String
    ) {
      viewer {
        user {
          id
        }
        ...ActivityFilters_viewer
        auditEvents(
          owner: $owner
          kinds: $kinds
          outcome: $outcome
          connectionId: $connectionId
          clientId: $clientId
          since: $since
          first: 50
          after: $after
        ) {
          edges {
            node {
              id
              ...ActivityEvent_event
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [ActivityEvent_event, ActivityFilters_viewer],
);

// Every act leaves an event, also those whose answer names none.
const typenames = ['AuditEvent', 'Grant', 'McpConnection'];

const variablesOf = (search: ActivitySearch, organizationId?: string) => ({
  owner: ownerOf(organizationId),
  ...filterOf(search, Date.now()),
  after: null as string | null,
});

export const loadActivity = (client: Client, search: ActivitySearch, organizationId?: string) =>
  load(client, Activity, variablesOf(search, organizationId), typenames);

const route = getRouteApi('/_signed-in/activity');

export function ActivityPage() {
  const navigate = useNavigate({ from: '/activity' });
  const { org: organizationId, ...search } = route.useSearch();
  const onSearch = (change: ActivitySearch) => navigate({ search: change, replace: true });
  const key = JSON.stringify(search);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time of the question changes with the question alone
  const variables = useMemo(() => variablesOf(search, organizationId), [key, organizationId]);
  const list = usePages(Activity, variables, (data) => data.viewer?.auditEvents, typenames);
  useLive(list.refresh, AuditEventRecorded, organizationId);
  const isFiltered = Object.values(search).some(Boolean);
  return (
    <>
      <PageHeading
        title={texts.title}
        lead={texts.lead}
        actions={<ActivityExport search={search} organizationId={organizationId} />}
      />
      <ActivityFilters search={search} viewer={list.data?.viewer ?? undefined} onChange={onSearch} />
      {list.error && list.data && <StaleNotice error={list.error} retry={list.refresh} />}
      {!list.data && !list.error && <ListSkeleton height={64} />}
      {!list.data && list.error && <Failure title={texts.failed} error={list.error} retry={list.refresh} />}
      {list.data && list.nodes.length === 0 && isFiltered && (
        <NoMatch title={texts.noMatchTitle} how={texts.noMatchBody} all={texts.clear} showAll={() => onSearch({})} />
      )}
      {list.data && list.nodes.length === 0 && !isFiltered && (
        <EmptyList icon={IconHistory} title={texts.emptyTitle} how={texts.emptyBody} />
      )}
      {list.nodes.length > 0 && (
        <Card withBorder padding="lg" bg="var(--grantway-card)">
          <Timeline bulletSize={12} lineWidth={2} aria-label={texts.events}>
            {list.nodes.map((event) => (
              <Timeline.Item key={event.id} className={classes.event} mod={{ mark: eventColor(event) }}>
                <ActivityEvent event={event} self={list.data?.viewer?.user.id} />
              </Timeline.Item>
            ))}
          </Timeline>
        </Card>
      )}
      <LoadMore more={list.more} loading={list.loadingMore} />
    </>
  );
}
