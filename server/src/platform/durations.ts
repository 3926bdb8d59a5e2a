/** A histogram of durations that costs next to nothing to add to: prom-client's own looks its labels up by text each time, and has none here. */
import type { Metric, Registry } from 'prom-client';

/**
 * Registers a histogram without labels. `bounds`: in seconds, ascending; each counts what took at most so long.
 * @returns what adds one duration, in seconds.
 */
export function openDurations(
  register: Registry,
  name: string,
  help: string,
  bounds: readonly number[],
): (seconds: number) => void {
  // The last is for what took longer than all of them.
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  const values = () => {
    let all = 0;
    const buckets = counts.map((count, at) => {
      all += count;
      return { metricName: `${name}_bucket`, labels: { le: bounds[at] ?? '+Inf' }, value: all };
    });
    const whole = [
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: all },
    ];
    return [...buckets, ...whole];
  };
  const type = 'histogram';
  const aggregator = 'sum';
  // All that a registry asks of what it holds.
  const metric = {
    name,
    help,
    type,
    aggregator,
    get: async () => ({ name, help, type, aggregator, values: values() }),
  };
  register.registerMetric(metric as unknown as Metric<string>);
  return (seconds) => {
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] as number)) at++;
    counts[at] = (counts[at] as number) + 1;
    sum += seconds;
  };
}
