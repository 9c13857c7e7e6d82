// `beat_schedule` as a worker's configuration tells it (inspect conf): numbers stay numbers, schedules are Python's repr of them.
// Both directions: our workers tell theirs in the same words.
import { isPyDict, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { parseCrontab, type Crontab, type CrontabFields } from './crontab.ts';
import { toPyValue } from './fields.ts';
import type { Schedule } from './schedule.ts';

export type ToldEntry = {
  name: string;
  task: string | null;
  /** Null: of a kind that is not known here (solar, one of the app's own). */
  schedule: Schedule | null;
  /** A crontab's fields in cron's order, `30 s`, or the words that were told. */
  when: string;
  args: readonly PyValue[] | null;
  kwargs: PyDict | null;
  queue: string | null;
  priority: number | null;
};

/** Never throws: what is no entry is left out, what is not understood is kept as words. */
export function readToldSchedule(told: unknown): ToldEntry[] {
  if (!isPyDict(told)) return [];
  return Object.entries(told).flatMap(([name, given]) => {
    if (!isPyDict(given)) return [];
    const { task, schedule, args, kwargs } = given;
    const options = isPyDict(given['options']) ? given['options'] : {};
    return {
      name,
      task: typeof task === 'string' && task !== '' ? task : null,
      ...readWhen(schedule, given['relative'] === true),
      args: Array.isArray(args) ? args.map((arg) => toPyValue(arg)) : null,
      kwargs: isPyDict(kwargs) ? (toPyValue(kwargs) as PyDict) : null,
      queue: typeof options['queue'] === 'string' ? options['queue'] : null,
      priority: typeof options['priority'] === 'number' ? options['priority'] : null,
    };
  });
}

function readWhen(told: unknown, relative: boolean): Pick<ToldEntry, 'schedule' | 'when'> {
  const interval = (seconds: number, isRelative: boolean) => ({
    schedule: { type: 'interval' as const, everyMs: seconds * 1000, relative: isRelative },
    when: `${String(seconds)} s`,
  });
  if (typeof told === 'number' && told > 0) return interval(told, relative);
  const text = typeof told === 'string' ? told : told === undefined ? 'none' : JSON.stringify(told);
  const seconds = readTimedelta(text);
  if (seconds !== null) return interval(seconds, relative);
  const frequency = readFrequency(text);
  if (frequency !== null) return interval(frequency, relative);
  return readCrontabRepr(text) ?? { schedule: null, when: text };
}

const TIMEDELTA = /^(?:(\d+) days?, )?(\d{1,2}):(\d\d):(\d\d(?:\.\d+)?)$/;

function readTimedelta(text: string): number | null {
  const match = TIMEDELTA.exec(text);
  if (match === null) return null;
  const [, days = '0', hours, minutes, seconds] = match;
  const total = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60;
  return total + Number(seconds) > 0 ? total + Number(seconds) : null;
}

const FREQUENCY = /^<freq: (\d+(?:\.\d+)?) (second|minute|hour|day)s?>$/;
const UNIT_SECONDS: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** Celery rounds it to two decimals of the unit. */
function readFrequency(text: string): number | null {
  const match = FREQUENCY.exec(text);
  const seconds = Number(match?.[1]) * (UNIT_SECONDS[match?.[2] ?? ''] ?? NaN);
  return seconds > 0 ? Number(seconds.toFixed(2)) : null;
}

const CRONTAB = /^<crontab: (.+) \(([a-zA-Z/]+)\)>$/;
const LEGEND: Record<string, keyof CrontabFields> = {
  m: 'minute',
  h: 'hour',
  d: 'dayOfWeek',
  dM: 'dayOfMonth',
  MY: 'monthOfYear',
};
const CRON_ORDER = ['minute', 'hour', 'dayOfMonth', 'monthOfYear', 'dayOfWeek'] as const;

/** The legend says which field is which: Celery 5.3 changed their order. */
function readCrontabRepr(text: string): Pick<ToldEntry, 'schedule' | 'when'> | null {
  const match = CRONTAB.exec(text);
  if (match === null) return null;
  const [, told = '', legend = ''] = match;
  const names = legend.split('/').map((letter) => LEGEND[letter]);
  const texts = withoutBrackets(told).split(' ');
  const fields: CrontabFields = {};
  names.forEach((name, index) => {
    if (name !== undefined) fields[name] = texts[index] ?? '';
  });
  if (texts.length !== 5 || Object.keys(fields).length !== 5) return null;
  const parsed = parseCrontab(fields);
  if (!parsed.ok) return null;
  const when = CRON_ORDER.map((name) => String(fields[name])).join(' ');
  return { schedule: { type: 'crontab', crontab: parsed.value }, when };
}

/** A set, list or tuple of numbers as cron writes it. */
function withoutBrackets(text: string): string {
  return text.replace(/[[({]([\d, ]*)[\])}]/g, (_match, inner: string) =>
    inner.replaceAll(' ', '').replace(/,$/, ''),
  );
}

/** A schedule as a worker's configuration tells it. */
export function tellSchedule(schedule: Schedule): number | string {
  if (schedule.type === 'interval') return schedule.everyMs / 1000;
  return `<crontab: ${crontabText(schedule.crontab)} (m/h/dM/MY/d)>`;
}

const RANGES: Record<keyof Crontab, { min: number; max: number }> = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  dayOfMonth: { min: 1, max: 31 },
  monthOfYear: { min: 1, max: 12 },
  dayOfWeek: { min: 0, max: 6 },
};

/** In cron's order of fields, as short as it goes: `*`, a step, a range, or the values. */
export function crontabText(crontab: Crontab): string {
  return CRON_ORDER.map((name) => fieldText(crontab[name], RANGES[name])).join(' ');
}

function fieldText(values: readonly number[], { min, max }: { min: number; max: number }): string {
  const [first = min, second] = values;
  if (values.length === max - min + 1) return '*';
  const last = values.at(-1) ?? first;
  const step = second === undefined ? 0 : second - first;
  const isEven = step > 0 && values.every((value, index) => value === first + index * step);
  if (isEven && first === min && last + step > max && values.length > 2) return `*/${step}`;
  if (isEven && step === 1 && values.length > 2) return `${first}-${last}`;
  return values.join(',');
}
