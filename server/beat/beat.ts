// Beat: sends the entries of a schedule when they are due. Whether one is due is decided by server/celery/schedule; here are
// only the clock, the timer and the sending. Missed runs are made up for once, as in Celery.
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import { dueState, type Schedule } from '../celery/schedule.ts';
import { parseCrontab, parseCrontabText, type CrontabFields } from '../celery/crontab.ts';
import type { ApplyOptions } from '../client/apply-options.ts';
import { signature } from '../client/canvas.ts';
import type { Celery } from '../client/celery.ts';
import { after } from '../core/after.ts';
import { AppError, errorText } from '../core/errors.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { silentLogger, type Logger } from '../core/silent-logger.ts';

export type BeatEntry = {
  task: string;
  schedule: Schedule;
  args?: PyValue[];
  kwargs?: PyDict;
  options?: Omit<ApplyOptions, 'kwargs'>;
  /** Each run expires so long after it was sent. */
  expiresMs?: number;
  /** Of an earlier life; a new entry counts from its start. */
  lastRunAt?: number;
};

export type BeatOptions = {
  app: Celery;
  schedule: Readonly<Record<string, BeatEntry>>;
  clock?: Clock;
  /** Never sleeps longer. Default, and what 0 stands for: five minutes. */
  maxIntervalMs?: number;
  /** beat_cron_starting_deadline: missed runs of a crontab older than this are not made up for. */
  startingDeadlineMs?: number | null;
  /** What remembers the last runs; without one they are forgotten at the end. */
  memory?: ScheduleMemory;
  logger?: Logger;
  /** Inside a worker. */
  isEmbedded?: boolean;
};

/** When each entry ran last, and how often. */
export type Runs = Readonly<Record<string, { lastRunAt: number; totalRunCount: number }>>;

export interface ScheduleMemory {
  load(): Runs;
  save(runs: Runs): void;
}

export interface Beat {
  /** Sends what is due now; how long to sleep. The running beat calls it by itself. */
  tick(): Promise<number>;
  stop(): Promise<void>;
}

/** So many seconds after the last run; `relative` rounds to whole minutes, hours or days of the clock. */
export function every(seconds: number, options: { relative?: boolean } = {}): Schedule {
  return { type: 'interval', everyMs: seconds * 1000, relative: options.relative ?? false };
}

/** Celery's crontab: all fields have to match. Text takes cron's order of fields. */
export function crontab(fields: CrontabFields | string = {}): Schedule {
  const parsed = typeof fields === 'string' ? parseCrontabText(fields) : parseCrontab(fields);
  if (!parsed.ok) throw new AppError('bad_configuration', parsed.message);
  return { type: 'crontab', crontab: parsed.value };
}

type Running = { name: string; entry: BeatEntry; lastRunAt: number; totalRunCount: number };

const MAX_INTERVAL_MS = 300_000;
const MIN_SLEEP_MS = 5;

/** Ticks once at once, and then by itself until it is stopped. */
export function startBeat(options: BeatOptions): Beat {
  const { app, clock = systemClock, logger = silentLogger, memory } = options;
  const known = memory?.load() ?? {};
  const { maxIntervalMs = 0 } = options;
  const most = maxIntervalMs > 0 ? maxIntervalMs : MAX_INTERVAL_MS;
  const startedAt = clock.now();
  const entries: Running[] = Object.entries(options.schedule).map(([name, entry]) => ({
    name,
    entry,
    lastRunAt: known[name]?.lastRunAt ?? entry.lastRunAt ?? startedAt,
    totalRunCount: known[name]?.totalRunCount ?? 0,
  }));
  let wakeUp: (() => void) | null = null;
  let isStopped = false;
  let turn: Promise<unknown> = Promise.resolve();

  const tick = async (): Promise<number> => {
    let sleepMs = most;
    for (const running of entries) {
      const now = clock.now();
      const { isDue, nextCheckAt } = dueState(running.entry.schedule, running.lastRunAt, now, {
        timezone: app.conf.timezone,
        startingDeadlineMs: options.startingDeadlineMs ?? null,
      });
      if (isDue) {
        running.lastRunAt = now;
        running.totalRunCount += 1;
        save();
        await send(running);
      }
      if (nextCheckAt !== null) sleepMs = Math.min(sleepMs, nextCheckAt - clock.now());
    }
    return Math.max(MIN_SLEEP_MS, sleepMs);
  };

  const save = (): void => {
    const runs: Record<string, Runs[string]> = {};
    for (const { name, lastRunAt, totalRunCount } of entries) {
      runs[name] = { lastRunAt, totalRunCount };
    }
    // A disk that is full keeps no entry from being sent: after a restart it may be sent once more.
    try {
      memory?.save(runs);
    } catch (error) {
      logger.error({ error: errorText(error) }, 'the last runs could not be kept');
    }
  };

  const send = async ({ name, entry }: Running): Promise<void> => {
    const { task, args = [], kwargs = {}, options: given = {}, expiresMs } = entry;
    const expires = expiresMs === undefined ? {} : { expiresAt: clock.now() + expiresMs };
    logger.info({}, `Scheduler: Sending due task ${name} (${task})`);
    try {
      await app.send(signature(task), args, { ...expires, ...given, kwargs });
    } catch (error) {
      logger.warn({ entry: name, error: errorText(error) }, 'a scheduled task could not be sent');
    }
  };

  save();
  const { beatInit, beatEmbeddedInit } = app.signals;
  const signal = options.isEmbedded === true ? beatEmbeddedInit : beatInit;
  const starting = signal.send({ entries: entries.map(({ name }) => name) });
  const loop = (): void => {
    turn = tick().then((sleepMs) => {
      if (!isStopped) wakeUp = after(sleepMs, loop);
    });
  };
  turn = starting.then((errors) => {
    for (const error of errors) {
      logger.error({ error: errorText(error) }, 'a handler of a signal failed');
    }
    if (!isStopped) loop();
  });

  return {
    tick,
    stop: async () => {
      isStopped = true;
      wakeUp?.();
      await turn;
    },
  };
}
