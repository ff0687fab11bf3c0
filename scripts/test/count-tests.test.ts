import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { closingLine, countTests } from '../count-tests.mjs';

const script = fileURLToPath(new URL('../count-tests.mjs', import.meta.url));
const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

it('counts what passed, failed and was skipped', () => {
  const counts = countTests({ ...report, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 });
  expect(closingLine(counts)).toBe('3 passed, 1 failed, 2 skipped');
});

it('says nothing of skipped tests when there are none', () => {
  expect(closingLine(countTests(report))).toBe('3 passed, 0 failed');
});

it('counts a file that could not be loaded as a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }];
  expect(closingLine(countTests({ ...report, testResults }))).toBe('3 passed, 1 failed');
});

it('fails when there is no report', async () => {
  const counting = promisify(execFile)(process.execPath, [script, '/nowhere/report.json']);
  await expect(counting).rejects.toMatchObject({ code: 1, stdout: '0 passed, 0 failed\n' });
});
