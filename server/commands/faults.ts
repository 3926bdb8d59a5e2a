/** `npm run faults`: real faults under load, and whether what was promised for each of them held. */
import { faultTable, runFaults } from '../bench/faults.ts';
import { machine, print } from '../bench/table.ts';

process.stdout.write(`${machine()}\n`);
const from = performance.now();
const verdicts = await runFaults();
print(faultTable(verdicts));
process.stdout.write(`\n${Math.round((performance.now() - from) / 1000)} s in all\n`);
process.exitCode = verdicts.every(({ held }) => held) ? 0 : 1;
