/** `npm run bench -- NAME…`: the measurements, side by side in one run; without a name all of them. */
import { measureGrants } from '../bench/grants.ts';
import { type Ground, openGround } from '../bench/ground.ts';
import { measureProxy } from '../bench/proxy.ts';
import { measureRevocation } from '../bench/revocation.ts';
import { measureStreams } from '../bench/streams.ts';
import { machine, print, type Table } from '../bench/table.ts';
import { measureTokens } from '../bench/tokens.ts';

const PARTS: Record<string, (ground: Ground) => Promise<Table>> = {
  proxy: (ground) => measureProxy(ground),
  grants: (ground) => measureGrants(ground),
  streams: (ground) => measureStreams(ground),
  tokens: (ground) => measureTokens(ground),
  revocation: (ground) => measureRevocation(ground),
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  process.stderr.write(`There is no measurement "${unknown}"; there are ${Object.keys(PARTS).join(', ')}.\n`);
  process.exit(1);
}
const beganAt = performance.now();
process.stdout.write(`${machine()}\n`);
const ground = await openGround();
try {
  for (const [name, measure] of Object.entries(PARTS)) {
    if (wanted.length === 0 || wanted.includes(name)) print(await measure(ground));
  }
} finally {
  await ground.close();
}
process.stdout.write(`\n${Math.round((performance.now() - beganAt) / 1000)} s in all\n`);
