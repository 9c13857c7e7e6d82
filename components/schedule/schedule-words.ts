// What the page of the schedule says in words.
import type { ScheduleEntry, ScheduleSource } from '@/lib/contract/schedule.ts';
import { formatCount } from '@/lib/format/number.ts';

/** Intervals in words; crontabs as cron writes them. */
export function toWhen({ kind, everyMs, when }: Pick<ScheduleEntry, 'kind' | 'everyMs' | 'when'>) {
  return kind === 'interval' && everyMs !== null ? `every ${exactly(everyMs)}` : when;
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;

/** `1 min 30 s`: what was set is told whole, not rounded as what was measured. */
function exactly(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest / 1000} s`);
  return parts.join(' ');
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
