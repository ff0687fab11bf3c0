// `node scripts/count-tests.mjs <report>` prints one line, "N passed, N failed[, N skipped]", from vitest's JSON
// report. Status 0 only if tests ran and none failed.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export function countTests(report) {
  // A file that could not be loaded has no tests to count, yet it failed.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const counts = countTests(readReport(process.argv[2]));
  console.log(closingLine(counts));
  process.exit(counts.passed > 0 && counts.failed === 0 ? 0 : 1);
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}
