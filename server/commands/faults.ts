/** `npm run faults`: real faults under load, and whether what was promised for each of them held. */
import { runFaults } from '../bench/faults.ts';
import { machine } from '../bench/table.ts';

process.stdout.write(`${machine()}\n`);
const from = performance.now();
const verdicts = await runFaults();
for (const { fault, expected, seen, held } of verdicts) {
  process.stdout.write(
    `\n${held ? 'held    ' : 'NOT HELD'}  ${fault}\n          wanted: ${expected}\n          seen:   ${seen}\n`,
  );
}
process.stdout.write(`\n${Math.round((performance.now() - from) / 1000)} s in all\n`);
process.exitCode = verdicts.every(({ held }) => held) ? 0 : 1;
