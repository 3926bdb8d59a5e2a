/** What a measurement ends in: rows of figures, with what was wanted and how they were had. */
import { cpus, release, type as systemType, totalmem } from 'node:os';

export type Table = {
  title: string;
  wanted: string;
  how: string;
  rows: Record<string, string | number>[];
  /** What was wanted, figure by figure, and whether it was had. */
  targets: Target[];
};

export type Target = { text: string; met: boolean };

export const atMost = (what: string, found: number, limit: number): Target => ({
  text: `${what}: ${found}, at most ${limit}`,
  met: found <= limit,
});

export const atLeast = (what: string, found: number, limit: number): Target => ({
  text: `${what}: ${found}, at least ${limit}`,
  met: found >= limit,
});

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

export const machine = (): string =>
  `${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown make'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${systemType()} ${release()}, Node ${process.versions.node}`;

export function print({ title, wanted, how, rows, targets }: Table): void {
  process.stdout.write(`\n${title}\n  wanted: ${wanted}\n  how:    ${how}\n`);
  console.table(rows);
  for (const { text, met } of targets) process.stdout.write(`  ${met ? 'met    ' : 'NOT MET'}  ${text}\n`);
}
