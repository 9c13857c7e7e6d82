// Reads what vitest and Playwright report as JSON into passed, failed and skipped, with the names of what did not simply pass.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './paths.mjs';

/**
 * `failures` are `{ name, file, why }`: `file` is absent where no test file is to blame. `unsteady` failed among the others and
 * passed when they were run again alone; they count as passed, and are named.
 */
export const nothing = () => ({
  ...{ passed: 0, failed: 0, skipped: 0 },
  ...{ skippedNames: [], failures: [], unsteady: [] },
});

export function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    skippedNames: [...one.skippedNames, ...other.skippedNames],
    failures: [...one.failures, ...other.failures],
    unsteady: [...one.unsteady, ...other.unsteady],
  };
}

export function fail(name, why, file) {
  return { ...nothing(), failed: 1, failures: [{ name, why, ...(file && { file }) }] };
}

/** A run that failed without a failing test (a file that cannot be loaded, a crash) counts as one failure. */
function orFailed(counts, program, exitCode) {
  if (exitCode === 0 || counts.failed > 0) return counts;
  return add(counts, fail(program, `ended with exit code ${exitCode}`));
}

export function readVitest(file, exitCode) {
  const report = readJson(file);
  if (report === null) return fail('vitest', `left no report, exit code ${exitCode}`);
  let counts = nothing();
  for (const { name, status, assertionResults, message } of report.testResults) {
    const path = relative(root, name);
    for (const test of assertionResults) {
      const title = `${path}: ${test.fullName}`;
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') {
        counts = add(counts, fail(title, firstLine(test.failureMessages?.[0]), path));
      } else {
        counts.skipped += 1;
        counts.skippedNames.push(title);
      }
    }
    const hasFailed = assertionResults.some((test) => test.status === 'failed');
    if (status === 'failed' && !hasFailed)
      counts = add(counts, fail(path, firstLine(message), path));
  }
  return orFailed(counts, 'vitest', exitCode);
}

/** What a second run of the failing files says of each failure of the first: only one that passed there is no failure. */
export function settle(first, reportFile) {
  const passedAgain = new Set();
  for (const { name, status, assertionResults } of readJson(reportFile)?.testResults ?? []) {
    const path = relative(root, name);
    if (status === 'passed') passedAgain.add(path);
    for (const test of assertionResults) {
      if (test.status === 'passed') passedAgain.add(`${path}: ${test.fullName}`);
    }
  }
  const unsteady = first.failures.filter(({ name }) => passedAgain.has(name));
  return {
    ...first,
    passed: first.passed + unsteady.length,
    failed: first.failed - unsteady.length,
    failures: first.failures.filter((failure) => !unsteady.includes(failure)),
    unsteady,
  };
}

export function readPlaywright(file, exitCode) {
  const report = readJson(file);
  if (report === null) return fail('Playwright', `left no report, exit code ${exitCode}`);
  let counts = nothing();
  const visit = (suite) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        const name = `e2e/specs/${spec.file}: ${spec.title} (${test.projectName})`;
        const why = firstLine(test.results?.[0]?.error?.message);
        if (test.status === 'expected' || test.status === 'flaky') counts.passed += 1;
        if (test.status === 'flaky') counts.unsteady.push({ name, why });
        if (test.status === 'unexpected') counts = add(counts, fail(name, why));
        if (test.status === 'skipped') {
          counts.skipped += 1;
          counts.skippedNames.push(name);
        }
      }
    }
    for (const inner of suite.suites ?? []) visit(inner);
  };
  for (const suite of report.suites) visit(suite);
  return orFailed(counts, 'Playwright', exitCode);
}

const colours = /\u001b\[[0-9;]*m/g;

function firstLine(message) {
  const line = (message ?? '').replace(colours, '').trim().split('\n', 1)[0];
  return line === '' ? 'no message' : line;
}

function readJson(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  } catch {
    return null;
  }
}
