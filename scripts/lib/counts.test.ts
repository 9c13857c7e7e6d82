import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

type Counts = { passed: number; failed: number; skipped: number; skippedNames: string[] };
type Read = (file: string, exitCode: number) => Counts;
const counts = new URL('./counts.mjs', import.meta.url).href;
const { readVitest, readPlaywright } = (await import(counts)) as Record<
  'readVitest' | 'readPlaywright',
  Read
>;

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
  status,
  assertionResults: statuses.map((one, n) => ({ status: one, fullName: `test ${n}` })),
});

it('counts what vitest ran, and a file that could not be loaded as one failure', () => {
  const file = reported({
    testResults: [fileOf('failed', 'passed', 'failed', 'pending', 'todo'), fileOf('failed')],
  });
  expect(readVitest(file, 1)).toEqual({
    ...{ passed: 1, failed: 2, skipped: 2 },
    skippedNames: ['server/x.test.ts: test 2', 'server/x.test.ts: test 3'],
  });
});

it('counts what Playwright ran, in suites within suites', () => {
  const spec = (...statuses: string[]) => ({
    ...{ file: 'a.spec.ts', title: 'works' },
    tests: statuses.map((status) => ({ status, projectName: 'desk' })),
  });
  const suites = [
    { specs: [spec('expected', 'flaky')], suites: [{ specs: [spec('unexpected', 'skipped')] }] },
  ];
  expect(readPlaywright(reported({ suites }), 1)).toEqual({
    ...{ passed: 2, failed: 1, skipped: 1 },
    skippedNames: ['e2e/specs/a.spec.ts: works (desk)'],
  });
});

it.each([
  ['vitest', readVitest],
  ['Playwright', readPlaywright],
] as const)('never calls a run of %s a success that failed or left no report', (_name, read) => {
  const nothing = { passed: 0, failed: 1, skipped: 0, skippedNames: [] };
  expect(read(reported({ testResults: [], suites: [] }), 1)).toEqual(nothing);
  expect(read(reported('{"testResul'), 0)).toEqual(nothing);
  expect(read(join(dir, 'absent.json'), 0)).toEqual(nothing);
});
