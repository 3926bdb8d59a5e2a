// Requests, errors and denials by day, drawn; and the same as a table, for who cannot see it.
import { BarChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Box, Table, Text } from '@mantine/core';
import type { UsageDay } from '../clients/usage.ts';
import { usage as texts } from './texts.tsx';

const SERIES = [
  { name: 'good', label: texts.requests, color: 'indigo.6' },
  { name: 'errors', label: texts.errors, color: 'red.6' },
  { name: 'denials', label: texts.denials, color: 'orange.5' },
];

const short = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

export function UsageChart({ days, height }: { days: readonly UsageDay[]; height: number }) {
  const data = days.map(({ day, requests, errors, denials }) => ({
    day: short.format(new Date(day)),
    good: requests - errors,
    requests,
    errors,
    denials,
  }));
  const used = data.filter(({ requests, denials }) => requests + denials > 0);
  return (
    <>
      <Box aria-hidden>
        <BarChart
          h={height}
          data={data}
          dataKey="day"
          type="stacked"
          series={SERIES}
          withLegend
          legendProps={{ verticalAlign: 'bottom' }}
          barProps={{ isAnimationActive: false }}
          // The table below is what the keyboard and a screen reader get.
          barChartProps={{ accessibilityLayer: false }}
          tooltipAnimationDuration={0}
        />
      </Box>
      <Box component="details" mt="xs">
        <Text component="summary" size="sm" c="dimmed">
          {texts.asTable}
        </Text>
        <Table.ScrollContainer minWidth={280}>
          <Table aria-label={texts.table} fz="sm">
            <Table.Thead>
              <Table.Tr>
                {[texts.day, texts.requests, texts.errors, texts.denials].map((head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {used.map(({ day, requests, errors, denials }) => (
                <Table.Tr key={day}>
                  <Table.Td>{day}</Table.Td>
                  <Table.Td>{requests}</Table.Td>
                  <Table.Td>{errors}</Table.Td>
                  <Table.Td>{denials}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Box>
    </>
  );
}
