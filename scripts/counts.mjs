/** What a test runner counted, read from the JSON report that it left; a runner that left none, or ran nothing, has failed. */
import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @param {boolean} ok whether the runner itself ended well
 * @param {string} file
 * @param {(report: any) => Counts} read
 * @returns {Counts}
 */
export function countsFrom(ok, file, read) {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = read(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { ...counts, failed: 1 }; // it crashed before it could report
  }
  const ranNothing = counts.passed + counts.failed === 0;
  // An error outside of any test, such as an unhandled rejection, fails the runner but no test.
  const failedOutside = !ok && counts.failed === 0;
  return ranNothing || failedOutside ? { ...counts, failed: counts.failed + 1 } : counts;
}

/**
 * @param {any} report
 * @returns {Counts}
 */
export function vitestCounts(report) {
  // A file that did not load, or whose setup threw, failed without any of its tests having failed.
  const brokenFiles = report.testResults.filter(
    (/** @type {any} */ file) =>
      file.status === 'failed' && !file.assertionResults.some((/** @type {any} */ test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @param {any} report
 * @returns {Counts}
 */
export function playwrightCounts({ stats }) {
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
}
