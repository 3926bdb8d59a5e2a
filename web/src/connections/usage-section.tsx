// How much a connection is used. The chart's code comes only when there is something to draw.
import { Card, Group, SegmentedControl, Skeleton, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { usageDays } from '../clients/usage.ts';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { usage as texts } from './texts.tsx';

const UsageChart = lazy(() => import('./usage-chart.tsx').then((module) => ({ default: module.UsageChart })));

export const UsageSection_connection = graphql(`
  fragment UsageSection_connection on McpConnection {
    usage(days: 90) {
      hour
      requests
      errors
      denials
    }
  }
`);

const HEIGHT = 220;

export function UsageSection(props: { connection: FragmentOf<typeof UsageSection_connection> }) {
  const { usage } = readFragment(UsageSection_connection, props.connection);
  const [range, setRange] = useState('30');
  const days = usageDays(usage, Date.now(), Number(range));
  const sum = (of: 'requests' | 'errors' | 'denials') => days.reduce((total, day) => total + day[of], 0);
  const [requests, errors, denials] = [sum('requests'), sum('errors'), sum('denials')];
  if (usage.length === 0) return null;
  return (
    <Card component="section" withBorder padding="lg" bg="var(--grantway-card)" aria-labelledby="usage">
      <Group justify="space-between" gap="sm" mb="md">
        <Title order={2} id="usage">
          {texts.title}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={texts.range}
          value={range}
          onChange={setRange}
          data={Object.entries(texts.days).map(([value, label]) => ({ value, label }))}
        />
      </Group>
      <Text size="sm" mb="sm">
        {requests + denials > 0 ? texts.sum(requests, errors, denials, days.length) : texts.none}
      </Text>
      {requests + denials > 0 && (
        <Suspense fallback={<Skeleton height={HEIGHT} aria-hidden />}>
          <UsageChart days={days} height={HEIGHT} />
        </Suspense>
      )}
    </Card>
  );
}
