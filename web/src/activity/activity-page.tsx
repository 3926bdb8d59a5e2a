// What happened, newest first.
import { Card, EmptyState, Timeline } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { Client } from '@urql/core';
import { graphql } from '../graphql/graphql.ts';
import { load } from '../graphql/load.ts';
import { usePages } from '../graphql/use-pages.ts';
import { LoadMore } from '../ui/load-more.tsx';
import { PageHeading } from '../ui/page-heading.tsx';
import { Failure, ListSkeleton, StaleNotice } from '../ui/states.tsx';
import { ActivityEvent, ActivityEvent_event } from './activity-event.tsx';

const Activity = graphql(
  `
    query Activity($after: String) {
      viewer {
        auditEvents(first: 50, after: $after) {
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
const variables = { after: null as string | null };

export const loadActivity = (client: Client) => load(client, Activity, variables, typenames);

export function ActivityPage() {
  const list = usePages(Activity, variables, (data) => data.viewer?.auditEvents, typenames);
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
