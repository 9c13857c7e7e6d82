// Reads what vitest and Playwright report as JSON into passed, failed and skipped.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './paths.mjs';

export const nothing = () => ({ passed: 0, failed: 0, skipped: 0, skippedNames: [] });

export function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    skippedNames: [...one.skippedNames, ...other.skippedNames],
  };
}

/** A run that failed without a failing test (a file that cannot be loaded, a crash) counts as one failure. */
function orFailed(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

export function readVitest(file, exitCode) {
  const report = readJson(file);
  if (report === null) return orFailed(nothing(), exitCode || 1);
  const counts = nothing();
  for (const { name, status, assertionResults } of report.testResults) {
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else {
        counts.skipped += 1;
        counts.skippedNames.push(`${relative(root, name)}: ${test.fullName}`);
      }
    }
    const hasFailed = assertionResults.some((test) => test.status === 'failed');
    if (status === 'failed' && !hasFailed) counts.failed += 1;
  }
  return orFailed(counts, exitCode);
}

export function readPlaywright(file, exitCode) {
  const report = readJson(file);
  if (report === null) return orFailed(nothing(), exitCode || 1);
  const counts = nothing();
  const visit = (suite) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        if (test.status === 'expected' || test.status === 'flaky') counts.passed += 1;
        else if (test.status === 'skipped') {
          counts.skipped += 1;
          counts.skippedNames.push(`e2e/specs/${spec.file}: ${spec.title} (${test.projectName})`);
        } else counts.failed += 1;
      }
    }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  for (const suite of report.suites) visit(suite);
  return orFailed(counts, exitCode);
}

function readJson(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  } catch {
    return null;
  }
}
