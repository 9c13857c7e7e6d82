// The setting beat_schedule, as people write it: seconds, crontabs or schedules; options in our words or in Celery's.
import { isPyDict, type PyDict } from '../../lib/python/values.ts';
import { toPyValue } from '../celery/fields.ts';
import type { Schedule } from '../celery/schedule.ts';
import { fromCeleryOptions, type ApplyOptions } from '../client/apply-options.ts';
import { AppError } from '../core/errors.ts';
import { every, type BeatEntry } from './beat.ts';

/** Throws AppError bad_configuration with the names of the entries that are wrong. */
export function readSchedule(
  entries: Readonly<Record<string, unknown>>,
): Readonly<Record<string, BeatEntry>> {
  const read: Record<string, BeatEntry> = {};
  const troubles: string[] = [];
  for (const [name, given] of Object.entries(entries)) {
    const entry = toEntry(given);
    if (typeof entry === 'string') troubles.push(`beat_schedule: "${name}" ${entry}.`);
    else read[name] = entry;
  }
  if (troubles.length > 0) throw new AppError('bad_configuration', troubles.join(' '));
  return read;
}

function toEntry(given: unknown): BeatEntry | string {
  if (typeof given !== 'object' || given === null) return 'is no entry';
  const { task, schedule, args, kwargs, options, relative } = given as Record<string, unknown>;
  if (typeof task !== 'string' || task === '') return 'names no task';
  const when = toSchedule(schedule, relative === true);
  if (when === null) return 'has no schedule: seconds, or crontab(…)';
  if (args !== undefined && !Array.isArray(args)) return 'has args that are no list';
  if (kwargs !== undefined && !isPyDict(kwargs)) return 'has kwargs that are no object';
  if (options !== undefined && !isPyDict(options)) return 'has options that are no object';
  return {
    task,
    schedule: when,
    ...(args === undefined ? {} : { args: args.map((arg) => toPyValue(arg)) }),
    ...(kwargs === undefined ? {} : { kwargs: toPyValue(kwargs) as PyDict }),
    ...(options === undefined ? {} : toOptions(options)),
  };
}

function toSchedule(schedule: unknown, relative: boolean): Schedule | null {
  if (typeof schedule === 'number') return schedule > 0 ? every(schedule, { relative }) : null;
  if (typeof schedule !== 'object' || schedule === null || !('type' in schedule)) return null;
  const { type } = schedule;
  return type === 'interval' || type === 'crontab' ? (schedule as Schedule) : null;
}

/** `expires` in seconds counts from each run. */
function toOptions(options: PyDict): Pick<BeatEntry, 'options' | 'expiresMs'> {
  const { expires, ...rest } = options;
  const own = rest as Omit<ApplyOptions, 'kwargs'>;
  const { kwargs: _, ...celery } = fromCeleryOptions(rest);
  return {
    options: { ...own, ...celery },
    ...(typeof expires === 'number' ? { expiresMs: expires * 1000 } : {}),
  };
}
