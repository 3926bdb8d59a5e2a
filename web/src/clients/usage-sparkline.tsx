// How much a grant was used in the last days. Drawn here: the chart library weighs more than the rest of this page.
import { Group, Text } from '@mantine/core';
import { type FragmentOf, graphql, readFragment } from '../graphql/graphql.ts';
import { usageDays, usageSentence } from './usage.ts';

export const UsageSparkline_point = graphql(`
  fragment UsageSparkline_point on UsagePoint {
    hour
    requests
    errors
    denials
  }
`);

const height = 28;
const step = 5;

export function UsageSparkline({ usage }: { usage: readonly FragmentOf<typeof UsageSparkline_point>[] }) {
  const points = readFragment(UsageSparkline_point, usage);
  const days = usageDays(points, Date.now()).map((day) => ({ ...day, failed: day.errors + day.denials }));
  const top = Math.max(...days.map(({ requests, failed }) => Math.max(requests, failed)));
  if (top === 0) return null;
  const size = (count: number) => (count === 0 ? 0 : Math.max(2, (count / top) * height));
  return (
    <Group gap="sm" align="flex-end" wrap="nowrap">
      <svg width={days.length * step} height={height} aria-hidden focusable="false" style={{ flexShrink: 0 }}>
        <line
          x1={0}
          x2={days.length * step}
          y1={height - 0.5}
          y2={height - 0.5}
          stroke="var(--mantine-color-default-border)"
        />
        {days.map(({ day, requests, failed }, index) => (
          <g key={day}>
            <rect
              x={index * step}
              y={height - size(requests)}
              width={step - 1}
              height={size(requests)}
              rx={1}
              fill="var(--mantine-color-anchor)"
            />
            <rect
              x={index * step}
              y={height - size(failed)}
              width={step - 1}
              height={size(failed)}
              rx={1}
              fill="var(--mantine-color-error)"
            />
          </g>
        ))}
      </svg>
      <Text size="xs" c="dimmed">
        {usageSentence(days)}
      </Text>
    </Group>
  );
}
