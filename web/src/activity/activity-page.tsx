// What happened, newest first.
import { Card, EmptyState, Timeline } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import type { Client } from '@urql/core';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { AuditEventRecorded, useLive } from '../graphql/use-live.ts';
import { usePages } from '../graphql/use-pages.ts';
import { ownerOf } from '../organization/owner.ts';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { ActivityEvent, ActivityEvent_event } from './activity-event.tsx';

const Activity = graphql(
  `
    query Activity($owner: OwnerInput, $after: String) {
      viewer {
        auditEvents(owner: $owner, first: 50, after: $after) {
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
  [ActivityEvent_event],
);

// Every act leaves an event, also those whose answer names none.
const typenames = ['AuditEvent', 'Grant', 'McpConnection'];
const variablesOf = (org: string | undefined) => ({ owner: ownerOf(org), after: null as string | null });

export const loadActivity = (client: Client, org: string | undefined) =>
  load(client, Activity, variablesOf(org), typenames);

const route = getRouteApi('/_signed-in/activity');

export function ActivityPage() {
  const { org } = route.useSearch();
  const list = usePages(Activity, variablesOf(org), (data) => data.viewer?.auditEvents, typenames);
  useLive(list.refresh, AuditEventRecorded, org);
  return (
    <>
      <PageHeading title="Activity" lead="What you, your clients and Grantway itself did, newest first." />
      {list.error && list.data && <StaleNotice error={list.error} retry={list.refresh} />}
      {!list.data && !list.error && <ListSkeleton height={64} />}
      {!list.data && list.error && (
        <Failure title="The activity could not be loaded" error={list.error} retry={list.refresh} />
      )}
      {list.data && list.nodes.length === 0 && (
        <EmptyState
          icon={<IconHistory aria-hidden />}
          withIndicatorBackground
          mt={48}
          title="Nothing has happened yet"
          description="Each permission that is given, used wrongly or taken back leaves a line here."
        />
      )}
      {list.nodes.length > 0 && (
        <Card withBorder padding="lg" bg="var(--grantway-card)">
          <Timeline bulletSize={12} lineWidth={2} aria-label="Events">
            {list.nodes.map((event) => (
              <Timeline.Item key={event.id}>
                <ActivityEvent event={event} />
              </Timeline.Item>
            ))}
          </Timeline>
        </Card>
      )}
      <LoadMore more={list.more} loading={list.loadingMore} />
    </>
  );
}
