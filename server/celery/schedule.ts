// When a beat entry runs next: intervals and crontabs as celery.schedules decides. Pure; the caller
// brings the time and keeps `lastRunAt`.

import { nextCrontabRunAt, type Crontab } from './crontab.ts';
import { instantOf, wallTimeAt } from './zoned-time.ts';

export type Schedule =
  | {
      type: 'interval';
      everyMs: number;
      /** Rounds to the unit of the interval: whole days, hours or minutes of the wall clock. */
      relative: boolean;
    }
  | { type: 'crontab'; crontab: Crontab };

export type ScheduleOptions = {
  /** The setting `timezone`; UTC by default. */
  timezone?: string;
  /** `beat_cron_starting_deadline`: missed runs older than this are not made up for. */
  startingDeadlineMs?: number | null;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The first run after `lastRunAt`, possibly in the past; `null` when there is none. */
export function nextRunAt(schedule: Schedule, lastRunAt: number, timezone = 'UTC'): number | null {
  if (schedule.type === 'crontab') return nextCrontabRunAt(schedule.crontab, lastRunAt, timezone);
  const at = lastRunAt + schedule.everyMs;
  return schedule.relative ? rounded(at, schedule.everyMs, timezone) : at;
}

function rounded(at: number, everyMs: number, timezone: string): number {
  const unit = [DAY_MS, HOUR_MS, MINUTE_MS].find((size) => everyMs >= size);
  if (unit === undefined) return at;
  const wall = wallTimeAt(at, timezone);
  return instantOf(Math.floor(wall / unit) * unit, timezone);
}

export type DueState = {
  isDue: boolean;
  /** When to look again; `null` when the schedule never runs again. */
  nextCheckAt: number | null;
};

/** Whether an entry runs now. Runs missed in between are made up for once. */
export function dueState(
  schedule: Schedule,
  lastRunAt: number,
  now: number,
  options: ScheduleOptions = {},
): DueState {
  const timezone = options.timezone ?? 'UTC';
  const at = nextRunAt(schedule, lastRunAt, timezone);
  if (at === null || at > now) return { isDue: false, nextCheckAt: at };
  const next = nextRunAt(schedule, now, timezone);
  return { isDue: !isTooLate(schedule, at, now, options), nextCheckAt: next };
}

function isTooLate(schedule: Schedule, at: number, now: number, options: ScheduleOptions): boolean {
  const deadline = options.startingDeadlineMs ?? null;
  if (schedule.type !== 'crontab' || deadline === null || at === now) return false;
  const latest = nextCrontabRunAt(schedule.crontab, now - deadline - 1, options.timezone);
  return latest === null || latest > now;
}
