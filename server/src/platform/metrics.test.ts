/** The figures: bounded in what they tell apart, and the dashboard asks for no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openMetrics } from './metrics.ts';

type Dashboard = { panels: { title: string; targets: { expr: string; legendFormat: string }[] }[] };

const dashboard: Dashboard = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/grafana/grantway.json'), 'utf8'),
);
const targets = dashboard.panels.flatMap((panel) => panel.targets);

/** What a process shows after everything that it counts has happened once. */
async function shown(): Promise<string> {
  const metrics = openMetrics();
  metrics.openStreams(() => 3);
  for (const outcome of ['ok', 'error', 'denied', 'limited', 'refused'] as const) metrics.request(outcome);
  for (const kind of ['grants', 'families', 'sweep'] as const) metrics.ended(kind, 2);
  for (const outcome of ['rotated', 'replayed', 'refused'] as const) metrics.refresh(outcome);
  for (const answer of ['allowed', 'denied'] as const) metrics.decided(answer);
  metrics.checked(0.001);
  metrics.upstreamBegan(0.1);
  return metrics.read();
}

const seriesIn = (text: string): string[] =>
  text.split('\n').flatMap((line) => (/^[a-z]/.test(line) ? [line.slice(0, line.lastIndexOf(' '))] : []));
const ours = async () => seriesIn(await shown()).filter((one) => one.startsWith('grantway_'));

it('every figure of the dashboard is one that a process shows, and is told apart by what it has', async () => {
  const series = seriesIn(await shown());
  const names = new Set(series.map((one) => one.split('{')[0]));
  for (const { expr, legendFormat } of targets) {
    const asked = expr.match(/\b(?:grantway|nodejs|process)_[a-z0-9_]+/g) ?? [];
    expect(asked.length, expr).toBeGreaterThan(0);
    for (const name of asked) {
      expect(names, expr).toContain(name);
      const labels = new Set(
        series.filter((one) => one.split('{')[0] === name).flatMap((one) => one.match(/\w+(?==")/g) ?? []),
      );
      const by = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/) ?? [];
      const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label as string);
      // Prometheus itself adds the instance.
      for (const label of [...by, ...legend].filter((one) => one !== 'instance')) expect(labels, expr).toContain(label);
    }
  }
});

it('the dashboard shows all of ours', async () => {
  const text = targets.map(({ expr }) => expr).join('\n');
  const names = (await ours()).map((one) => one.split('{')[0]?.replace(/_(bucket|sum|count)$/, '') ?? '');
  expect([...new Set(names)].filter((name) => !text.includes(name))).toEqual([]);
});

it('no label has more values than are written down: nothing that anybody sends makes a series', async () => {
  const series = await ours();
  const labels = new Set(series.flatMap((one) => one.match(/\w+(?==")/g) ?? []));
  expect([...labels].sort()).toEqual(['answer', 'kind', 'le', 'outcome']);
  expect(series.length).toBeLessThan(60);
});
