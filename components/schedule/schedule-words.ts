// What the page of the schedule says in words.
import type { ScheduleEntry, ScheduleSource } from '@/lib/contract/schedule.ts';
import { formatDuration } from '@/lib/format/duration.ts';
import { formatCount } from '@/lib/format/number.ts';

/** Intervals in words; crontabs as cron writes them. */
export function toWhen({ kind, everyMs, when }: Pick<ScheduleEntry, 'kind' | 'everyMs' | 'when'>) {
  return kind === 'interval' && everyMs !== null ? `every ${formatDuration(everyMs)}` : when;
}

export function toSourceName({ kind, name, others }: ScheduleSource): string {
  if (kind === 'app') return `the app ${name}`;
  if (others === 0) return name;
  return `${name} and ${formatCount(others)} more ${others === 1 ? 'worker' : 'workers'}`;
}

/** Who told what is shown. */
export function toSourceWords(sources: readonly ScheduleSource[]): string {
  const [first, ...more] = sources;
  if (first === undefined) return '';
  const names = toSourceName(first);
  return more.length === 0
    ? `As told by ${names}.`
    : `As told by ${names}, and ${formatCount(more.length)} other ${more.length === 1 ? 'configuration' : 'configurations'}.`;
}

/** By name of the entry or of its task. */
export function matches({ name, task }: ScheduleEntry, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return `${name}\n${task ?? ''}`.toLowerCase().includes(wanted);
}
