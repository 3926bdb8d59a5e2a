/** `npm run faults`: real faults under load, and whether what was promised for each of them held. */
import { FAULTS_SIZE, runFaults } from '../bench/faults.ts';
import { machine } from '../bench/table.ts';
import type { Verdict } from '../bench/verdict.ts';

process.stdout.write(`${machine()}\n\n| fault | expected | seen | |\n|---|---|---|---|\n`);
const from = performance.now();
const verdicts: Verdict[] = [];
await runFaults(FAULTS_SIZE, (verdict) => {
  verdicts.push(verdict);
  const { fault, expected, seen } = verdict;
  process.stdout.write(
    `| ${[fault, expected, seen].map(cell).join(' | ')} | ${holds(verdict) ? 'held' : '**not held**'} |\n`,
  );
});
const held = verdicts.filter(holds).length;
process.stdout.write(
  `\n${held} of ${verdicts.length} held, ${Math.round((performance.now() - from) / 1000)} s in all\n`,
);
process.exitCode = held === verdicts.length ? 0 : 1;

function holds({ held, inTime }: Verdict): boolean {
  return held && inTime;
}

function cell(text: string): string {
  return text.replace(/[|\n]/g, ' ');
}
