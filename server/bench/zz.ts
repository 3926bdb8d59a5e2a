import { measureGrants } from './grants.ts';
import { openGround } from './ground.ts';
import { print } from './table.ts';

const g = await openGround();
try {
  print(await measureGrants(g, { few: 1000, many: Number(process.argv[2]), trials: 1, seconds: 2 }));
} finally {
  await g.close();
}
