// What the page of the schedule asks: schedules as workers' configurations tell them, and the newest task of a type.
import { TASK_STATES } from '../../../../lib/contract/index.ts';
import type { NewestTask, ToldSchedule } from '../../store.ts';
import { decodeId } from '../task-id.ts';
import type { Connection } from './connection.ts';

/** Thousands of workers mostly tell the same one. */
const MAX_SCHEDULES = 50;

export function toldSchedules({ db }: Connection): ToldSchedule[] {
  const rows = db
    .prepare(
      `SELECT detail ->> '$.conf.value.beat_schedule' AS schedule, detail ->> '$.conf.value.timezone' AS timezone,
         detail ->> '$.conf.value.enable_utc' AS utc, min(detail ->> '$.conf.readAt') AS readAt, json_group_array(hostname) AS hostnames
       FROM (SELECT hostname, detail FROM worker ORDER BY hostname)
       WHERE schedule IS NOT NULL AND schedule <> '{}' GROUP BY schedule, timezone, utc ORDER BY count(*) DESC, min(hostname) LIMIT ?`,
    )
    .all(MAX_SCHEDULES);
  return (
    rows as {
      schedule: string;
      timezone: unknown;
      utc: unknown;
      readAt: number | null;
      hostnames: string;
    }[]
  ).map(({ schedule, timezone, utc, readAt, hostnames }) => ({
    beatSchedule: parsed(schedule),
    timezone: typeof timezone === 'string' ? timezone : null,
    enableUtc: typeof utc === 'number' ? utc !== 0 : null,
    hostnames: JSON.parse(hostnames) as string[],
    readAt: readAt ?? 0,
  }));
}

/** A worker may tell anything under that name: what is no JSON object is no schedule. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** One that was sent last is hardly ever behind so many that changed later. */
const LOOKED_AT = 50;

export function newestOfTypes({ db, names }: Connection, types: readonly string[]): NewestTask[] {
  const newest = db.prepare(
    `SELECT uid, state, custom, coalesce(sent_at, received_at, first_seen_at) AS at FROM (
       SELECT uid, state, custom, sent_at, received_at, first_seen_at FROM task INDEXED BY task_type
       WHERE type_id = ? ORDER BY updated_at DESC LIMIT ${LOOKED_AT}
     ) ORDER BY at DESC LIMIT 1`,
  );
  return types.flatMap((type) => {
    const id = names.id('type', type);
    const row = id === null ? undefined : newest.get(id);
    if (row === undefined) return [];
    const { uid, state, custom, at } = row as {
      uid: unknown;
      state: number;
      custom: string | null;
      at: number;
    };
    const name = TASK_STATES[state];
    return name === undefined
      ? []
      : [{ type, id: decodeId(uid), state: name, customState: custom, at }];
  });
}
