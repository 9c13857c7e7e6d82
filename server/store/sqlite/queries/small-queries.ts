// Workers, queues, gaps, facts, counts, suggestions: short questions to small tables.
import {
  TASK_STATES,
  type Gap,
  type QueueDetail,
  type QueueSample,
  type QueueSummary,
  type Suggestions,
  type TaskState,
  type WorkerDetail,
} from '../../../../lib/contract/index.ts';
import { DIMENSION } from '../counters.ts';
import { NAME_KIND } from '../names.ts';
import { toWorkerDetail } from '../pictures.ts';
import { STATE_NUMBER } from '../task-row.ts';
import type { Connection } from './connection.ts';

/** A JSON list as it is stored: parsed once, where it is needed. */
export function workersText({ db }: Connection): string {
  const texts = db.prepare('SELECT summary FROM worker_summary ORDER BY hostname').pluck().all();
  return `[${texts.join(',')}]`;
}

export function worker({ db }: Connection, hostname: string): WorkerDetail | null {
  const row = db
    .prepare(
      'SELECT detail, summary FROM worker JOIN worker_summary USING (hostname) WHERE hostname = ?',
    )
    .get(hostname) as { detail: string; summary: string } | undefined;
  return row === undefined ? null : toWorkerDetail(row);
}

export function queues({ db }: Connection): QueueSummary[] {
  const texts = db.prepare('SELECT detail FROM queue ORDER BY name').pluck().all() as string[];
  return texts.map((text) => JSON.parse(text) as QueueSummary);
}

export function queue(
  { db, names }: Connection,
  name: string,
  query: { from: number; to: number; maxSamples: number },
): QueueDetail | null {
  const text = db.prepare('SELECT detail FROM queue WHERE name = ?').pluck().get(name);
  if (typeof text !== 'string') return null;
  const samples = db
    .prepare(
      'SELECT at, ready, in_flight AS inFlight, consumers FROM queue_sample WHERE queue_id = ? AND at >= ? AND at < ? ORDER BY at',
    )
    .all(names.id('queue', name) ?? 0, query.from, query.to) as QueueSample[];
  const detail = JSON.parse(text) as Omit<QueueDetail, 'samples'>;
  return { ...detail, samples: thin(samples, query.maxSamples) };
}

/** At most `most`: the last of each equal part. */
function thin<T>(items: readonly T[], most: number): T[] {
  const keep = Math.max(1, most);
  if (items.length <= keep) return [...items];
  const step = items.length / keep;
  return Array.from(
    { length: keep },
    (_, index) => items[Math.ceil((index + 1) * step) - 1],
  ).filter((item) => item !== undefined);
}

/** Ready messages over all queues at `points` moments; null where a queue could not be read or nothing was. */
export function backlogSeries(
  { db }: Connection,
  { from, to, points }: { from: number; to: number; points: number },
): { at: number; ready: number | null }[] {
  const count = Math.max(1, Math.min(points, 1000));
  const step = Math.max(1, (to - from) / count);
  const rows = db
    .prepare(
      `SELECT queue_id AS queue, cast((at - @from) / @step AS INTEGER) AS bucket, max(at) AS at, ready
       FROM queue_sample INDEXED BY queue_sample_at WHERE at >= @from AND at < @to GROUP BY bucket, queue_id`,
    )
    .all({ from, to, step }) as { queue: number; bucket: number; ready: number | null }[];
  const sums = new Map<number, number | null>();
  for (const { bucket, ready } of rows) {
    const sum = sums.has(bucket) ? sums.get(bucket) : 0;
    sums.set(bucket, ready === null || sum === null || sum === undefined ? null : sum + ready);
  }
  return Array.from({ length: count }, (_, index) => ({
    at: from + (index + 1) * step,
    ready: sums.get(index) ?? null,
  }));
}

export function gaps({ db }: Connection, { from, to }: { from: number; to: number }): Gap[] {
  return db
    .prepare(
      `SELECT started_at AS startedAt, ended_at AS endedAt, cause, detail, lost_count AS lostCount
       FROM gap WHERE started_at < ? AND (ended_at IS NULL OR ended_at >= ?) ORDER BY started_at LIMIT 1000`,
    )
    .all(to, from) as Gap[];
}

export function fact({ db }: Connection, name: string): unknown {
  const text = db.prepare('SELECT value FROM fact WHERE name = ?').pluck().get(name);
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : null;
}

export function countsByState({ db }: Connection): Record<TaskState, number> {
  const counts = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<
    TaskState,
    number
  >;
  const rows = db.prepare('SELECT state, n FROM counter WHERE dim = 0').all();
  for (const { state, n } of rows as { state: number; n: number }[]) {
    const name = TASK_STATES[state];
    if (name !== undefined) counts[name] = n;
  }
  return counts;
}

export function countsBy(
  { db, names }: Connection,
  dimension: 'type' | 'worker' | 'queue',
  state?: TaskState,
): { value: string; count: number }[] {
  const rows = db
    .prepare(
      `SELECT key, sum(n) AS count FROM counter WHERE dim = ? AND key <> 0 ${state === undefined ? '' : 'AND state = ?'} GROUP BY key HAVING count > 0 ORDER BY count DESC, key`,
    )
    .all(DIMENSION[dimension], ...(state === undefined ? [] : [STATE_NUMBER[state]]));
  return (rows as { key: number; count: number }[]).flatMap(({ key, count }) => {
    const value = names.text(key);
    return value === null ? [] : [{ value, count }];
  });
}

export function taskTypes({ db }: Connection): string[] {
  return db
    .prepare('SELECT text FROM name WHERE kind = ? ORDER BY text')
    .pluck()
    .all(NAME_KIND.type) as string[];
}

const SUGGESTED = { name: 'type', worker: 'worker', queue: 'queue' } as const;

/** Known names that begin with the prefix, then those that have it somewhere; those of the most tasks first. */
export function suggest(
  connection: Connection,
  { field, prefix, limit }: { field: string; prefix: string; limit: number },
): Suggestions {
  if (field === 'custom') {
    const sql =
      'SELECT DISTINCT custom FROM (SELECT custom FROM task INDEXED BY task_updated ORDER BY updated_at DESC LIMIT 2000) WHERE custom IS NOT NULL';
    const values = connection.db.prepare(sql).pluck().all() as string[];
    return { values: rank(values, prefix).slice(0, limit) };
  }
  if (field !== 'name' && field !== 'worker' && field !== 'queue') return { values: [] };
  const dimension = SUGGESTED[field];
  const counted = countsBy(connection, dimension).map(({ value }) => value);
  const known = new Set(counted);
  const others = [...connection.names.entries(dimension)]
    .map(([text]) => text)
    .filter((text) => !known.has(text));
  return { values: rank([...counted, ...others], prefix).slice(0, limit) };
}

function rank(values: readonly string[], prefix: string): string[] {
  const wanted = prefix.toLowerCase();
  const starting = values.filter((value) => value.toLowerCase().startsWith(wanted));
  const inside = values.filter((value) => value.toLowerCase().indexOf(wanted) > 0);
  return [...starting, ...inside];
}
