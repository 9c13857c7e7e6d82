// The beat schedule: from the app that Umbel was started with and from what workers' configurations tell, with the newest task of
// each type and when the next one is due.
import type { ScheduleEntry, ScheduleList, ScheduleSource } from '../../lib/contract/index.ts';
import { pythonArguments, pythonRepr } from '../../lib/python/repr.ts';
import { readToldSchedule, type ToldEntry } from '../celery/told-schedule.ts';
import { createTextRedactor } from '../core/redact-text.ts';
import type { ToldSchedule } from '../store/store.ts';
import type { ControlDeps } from './deps.ts';
import { outlookOf, type Seen } from './schedule-outlook.ts';

/** The schedule of the app that Umbel was started with, as a worker of it would tell it. */
export type AppSchedule = { module: string; beatSchedule: unknown; timezone: string };

const MAX_ENTRIES = 500;
const PREVIEW_CHARS = 1024;

export async function readSchedule(deps: ControlDeps): Promise<ScheduleList> {
  const told = await deps.reader.toldSchedules();
  const { sources, entries } = join(deps.appSchedule, told);
  const shown = entries.slice(0, MAX_ENTRIES);
  const types = [...new Set(shown.flatMap(({ entry }) => entry.task ?? []))];
  const [newest, blindBecause] = await Promise.all([
    deps.reader.newestOfTypes(types),
    whyBlind(deps),
  ]);
  const byType = new Map(newest.map((task) => [task.type, task]));
  const { broker, firstEventAt } = deps.collector.status();
  const isWatching = broker.state === 'connected' && firstEventAt !== null;
  const now = deps.clock.now();
  const redactor = createTextRedactor(deps.redactKeys);
  const preview = (text: string) => (redactor?.(text) ?? text).slice(0, PREVIEW_CHARS);
  const items = shown.map(({ entry, source, timezone }): ScheduleEntry => {
    const { name, task, schedule, when, args, kwargs, queue, priority } = entry;
    const last = task === null ? undefined : byType.get(task);
    const seen: Seen = {
      now,
      newestAt: last?.at ?? null,
      watchingSince: isWatching ? Math.max(broker.since, firstEventAt) : null,
      blindBecause: isWatching ? blindBecause : 'Umbel hears nothing of the broker now.',
    };
    return {
      ...{ name, task, when, queue, priority, source },
      kind: schedule?.type ?? 'other',
      everyMs: schedule?.type === 'interval' ? schedule.everyMs : null,
      timezone: schedule?.type === 'crontab' ? timezone : null,
      args: args === null ? null : preview(pythonArguments(args)),
      kwargs: kwargs === null ? null : preview(pythonRepr(kwargs)),
      lastTask:
        last === undefined
          ? null
          : { id: last.id, state: last.state, customState: last.customState, at: last.at },
      ...(task === null
        ? { expectedAt: null, isOverdue: null, reason: 'The entry names no task.' }
        : outlookOf(schedule, timezone, seen)),
    };
  });
  return { items, sources, total: entries.length, at: now };
}

type Placed = { entry: ToldEntry; source: number; timezone: string | null };

/** Each different entry once, of the first that tells it. */
function join(
  app: AppSchedule | null,
  told: readonly ToldSchedule[],
): { sources: ScheduleSource[]; entries: Placed[] } {
  const tellers = [
    ...(app === null
      ? []
      : [
          {
            source: { kind: 'app', name: app.module, others: 0, readAt: null } as const,
            ...app,
          },
        ]),
    ...told.map(
      ({ hostnames: [name = '', ...others], readAt, timezone, enableUtc, beatSchedule }) => ({
        source: { kind: 'worker', name, others: others.length, readAt } as const,
        // Celery's own default, unless the app works in local time.
        timezone: timezone ?? (enableUtc === false ? null : 'UTC'),
        beatSchedule,
      }),
    ),
  ];
  const sources: ScheduleSource[] = [];
  const entries = new Map<string, Placed>();
  for (const { source, timezone, beatSchedule } of tellers) {
    let isNeeded = false;
    for (const entry of readToldSchedule(beatSchedule)) {
      const key = JSON.stringify([timezone, entry]);
      if (entries.has(key)) continue;
      entries.set(key, { entry, source: sources.length, timezone });
      isNeeded = true;
    }
    if (isNeeded) sources.push(source);
  }
  const byName = (a: Placed, b: Placed) => (a.entry.name < b.entry.name ? -1 : 1);
  return { sources, entries: [...entries.values()].sort(byName) };
}

async function whyBlind({ reader }: ControlDeps): Promise<string | null> {
  const alive = (await reader.workers()).filter(({ state }) => state !== 'offline');
  if (alive.length === 0) return 'No worker is online that would tell of the tasks it receives.';
  const silent = alive.find(({ eventsEnabled }) => eventsEnabled !== true);
  if (silent === undefined) return null;
  return `${silent.hostname} is not known to send task events, so that its tasks may go unseen.`;
}
