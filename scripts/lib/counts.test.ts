import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

type Problem = { name: string; why: string; file?: string };
type Counts = Record<'passed' | 'failed' | 'skipped', number> &
  Record<'failures' | 'unsteady', Problem[]> & { skippedNames: string[] };
type Read = (file: string, exitCode: number) => Counts;
const counts = new URL('./counts.mjs', import.meta.url).href;
const { readVitest, readPlaywright, settle } = (await import(counts)) as {
  readVitest: Read;
  readPlaywright: Read;
  settle: (first: Counts, reportFile: string) => Counts;
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'umbel-counts-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function reported(report: unknown): string {
  const file = join(dir, 'report.json');
  writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
  return file;
}

const fileOf = (status: string, ...statuses: string[]) => ({
  name: resolve('server/x.test.ts'),
  ...{ status, message: `\u001b[31mcannot load\u001b[0m` },
  assertionResults: statuses.map((one, n) => ({
    ...{ status: one, fullName: `test ${n}` },
    failureMessages: one === 'failed' ? [`why ${n}\n    at somewhere`] : [],
  })),
});
const file = 'server/x.test.ts';

it('counts what vitest ran, and a file that could not be loaded as one failure', () => {
  const report = reported({
    testResults: [fileOf('failed', 'passed', 'failed', 'pending', 'todo'), fileOf('failed')],
  });
  expect(readVitest(report, 1)).toEqual({
    ...{ passed: 1, failed: 2, skipped: 2, unsteady: [] },
    skippedNames: [`${file}: test 2`, `${file}: test 3`],
    failures: [
      { name: `${file}: test 1`, why: 'why 1', file },
      { name: file, why: 'cannot load', file },
    ],
  });
});

it('counts what passed when it ran again, and names it; what failed or did not run stays a failure', () => {
  const first = readVitest(reported({ testResults: [fileOf('failed', 'failed', 'failed')] }), 1);
  const again = settle(first, reported({ testResults: [fileOf('failed', 'passed', 'failed')] }));
  expect(again).toEqual({
    ...{ passed: 1, failed: 1, skipped: 0, skippedNames: [] },
    failures: [{ name: `${file}: test 1`, why: 'why 1', file }],
    unsteady: [{ name: `${file}: test 0`, why: 'why 0', file }],
  });
  expect(settle(first, join(dir, 'absent.json'))).toEqual(first);
  const unloaded = readVitest(reported({ testResults: [fileOf('failed')] }), 1);
  expect(settle(unloaded, reported({ testResults: [fileOf('failed')] })).failed).toBe(1);
  expect(settle(unloaded, reported({ testResults: [fileOf('passed', 'passed')] })).failed).toBe(0);
});

it('counts what Playwright ran, in suites within suites', () => {
  const spec = (...statuses: string[]) => ({
    ...{ file: 'a.spec.ts', title: 'works' },
    tests: statuses.map((status) => ({
      ...{ status, projectName: 'desk' },
      results: status === 'expected' ? [] : [{ error: { message: 'Error: not seen\nCall log' } }],
    })),
  });
  const suites = [
    { specs: [spec('expected', 'flaky')], suites: [{ specs: [spec('unexpected', 'skipped')] }] },
  ];
  const name = 'e2e/specs/a.spec.ts: works (desk)';
  expect(readPlaywright(reported({ suites }), 1)).toEqual({
    ...{ passed: 2, failed: 1, skipped: 1, skippedNames: [name] },
    failures: [{ name, why: 'Error: not seen' }],
    unsteady: [{ name, why: 'Error: not seen' }],
  });
});

it.each([
  ['vitest', readVitest],
  ['Playwright', readPlaywright],
] as const)('never calls a run of %s a success that failed or left no report', (name, read) => {
  const ofEmpty = read(reported({ testResults: [], suites: [] }), 1);
  expect(ofEmpty).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
  expect(ofEmpty.failures).toEqual([{ name, why: 'ended with exit code 1' }]);
  expect(read(reported('{"testResul'), 0)).toMatchObject({ passed: 0, failed: 1 });
  expect(read(join(dir, 'absent.json'), 0)).toMatchObject({ passed: 0, failed: 1 });
});
