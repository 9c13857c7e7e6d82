import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openScheduleFile } from './schedule-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'umbel-beat-'));
  path = join(directory, 'celerybeat-schedule');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const RUNS = { add: { lastRunAt: 1000, totalRunCount: 3 } };

it('remembers the last runs, but not those of another time zone', () => {
  const file = openScheduleFile(path, 'UTC');
  expect(file.load()).toEqual({});
  file.save(RUNS);
  file.release();
  const again = openScheduleFile(path, 'UTC');
  expect(again.load()).toEqual(RUNS);
  again.release();
  const elsewhere = openScheduleFile(path, 'Europe/Vienna');
  expect(elsewhere.load()).toEqual({});
  elsewhere.release();
});

it('is used by one beat at a time; one that is dead does not count', () => {
  writeFileSync(`${path}.lock`, String(process.ppid));
  expect(() => openScheduleFile(path, 'UTC')).toThrow(
    `Another beat is running as process ${String(process.ppid)}`,
  );
  writeFileSync(`${path}.lock`, '999999999');
  const file = openScheduleFile(path, 'UTC');
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe(String(process.pid));
  file.release();
});

it('is left to a beat that is about to write who it is, unless that never happens', () => {
  writeFileSync(`${path}.lock`, '');
  expect(() => openScheduleFile(path, 'UTC')).toThrow('Another beat is starting');
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe('');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${path}.lock`, longAgo, longAgo);
  const file = openScheduleFile(path, 'UTC');
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe(String(process.pid));
  file.release();
  expect(readdirSync(directory)).toEqual([]);
});

it('starts anew from a file that is not its own', () => {
  writeFileSync(path, 'not JSON');
  const file = openScheduleFile(path, 'UTC');
  expect(file.load()).toEqual({});
  file.release();
});
