/** `npm run revocation-race`: thousands of grants end under load over three processes; nothing that begins afterwards may get through. */
import { openGround } from '../bench/ground.ts';
import { raceRevocations } from '../bench/revocation-race.ts';
import { machine, print } from '../bench/table.ts';

process.stdout.write(`${machine()}\n`);
const ground = await openGround();
const from = performance.now();
try {
  const { table, violations } = await raceRevocations(ground);
  print(table);
  process.exitCode = violations === 0 ? 0 : 1;
} finally {
  await ground.close();
}
process.stdout.write(`\n${Math.round((performance.now() - from) / 1000)} s in all\n`);
