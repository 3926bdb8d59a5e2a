/** docs/traceability.md tells the truth: its last column is current, and every case has a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { traceability, untested } from '../../scripts/traceability.mjs';
import { ROOT } from '../fixtures/child.ts';

test('the table of cases and tests is current, and no case is without a test', () => {
  const current = traceability();
  expect(untested(current)).toEqual([]);
  const kept = readFileSync(join(ROOT, 'docs/traceability.md'), 'utf8');
  expect(kept, 'run `node scripts/traceability.mjs`').toBe(current);
});
