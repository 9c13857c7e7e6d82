// Metrics per minute, per hour and since the beginning: outcomes and histograms of wait and runtime, for all tasks and
// separately per type, worker and queue, never for their combinations. What came since the last flush is added to the
// stored rows, so restarts and late facts add up; minutes that were rolled into an hour are added to that hour.
import type { Database, Statement } from 'better-sqlite3';
import { DIMENSION, type Dimension } from './counters.ts';
import {
  createHistogram,
  decodeHistogram,
  encodeHistogram,
  mergeInto,
  type Histogram,
} from './histogram.ts';
import type { WritableNames } from './names.ts';
import type { OpenMinute } from './open-metrics.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const MAX_AHEAD_MS = 10 * MINUTE_MS;

export const OUTCOMES = ['success', 'failure', 'retry', 'revoked', 'rejected'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Roll = Record<Outcome, number> & { wait: Histogram; runtime: Histogram };
export type RollTable = 'roll_minute' | 'roll_hour' | 'roll_total';
export type RollRow = Record<Outcome, number> & {
  key: number;
  at: number;
  wait: Buffer | null;
  runtime: Buffer | null;
};

export function createRoll(): Roll {
  const [wait, runtime] = [createHistogram(), createHistogram()];
  return { success: 0, failure: 0, retry: 0, revoked: 0, rejected: 0, wait, runtime };
}

export function addRow(roll: Roll, row: RollRow): void {
  for (const outcome of OUTCOMES) roll[outcome] += row[outcome];
  mergeInto(roll.wait, decodeHistogram(row.wait));
  mergeInto(roll.runtime, decodeHistogram(row.runtime));
}

export function mergeRoll(target: Roll, source: Roll): void {
  for (const outcome of OUTCOMES) target[outcome] += source[outcome];
  mergeInto(target.wait, source.wait);
  mergeInto(target.runtime, source.runtime);
}

export class RollTables {
  private readonly reads: Record<RollTable, Statement>;
  private readonly writes: Record<RollTable, Statement>;

  constructor(db: Database) {
    const read = (table: RollTable): Statement =>
      db.prepare(`SELECT * FROM ${table} WHERE dim = ? AND key = ? AND at = ?`);
    const write = (table: RollTable): Statement =>
      db.prepare(
        `INSERT OR REPLACE INTO ${table} (dim, key, at, success, failure, retry, revoked, rejected, wait, runtime) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
    this.reads = {
      roll_minute: read('roll_minute'),
      roll_hour: read('roll_hour'),
      roll_total: read('roll_total'),
    };
    this.writes = {
      roll_minute: write('roll_minute'),
      roll_hour: write('roll_hour'),
      roll_total: write('roll_total'),
    };
  }

  add(table: RollTable, dim: number, key: number, at: number, part: Roll): void {
    const roll = createRoll();
    mergeRoll(roll, part);
    const stored = this.reads[table].get(dim, key, at) as RollRow | undefined;
    if (stored !== undefined) addRow(roll, stored);
    this.writes[table].run(
      dim,
      key,
      at,
      ...OUTCOMES.map((outcome) => roll[outcome]),
      encodeHistogram(roll.wait),
      encodeHistogram(roll.runtime),
    );
  }
}

export class Rollups {
  private readonly names: WritableNames;
  private readonly tables: RollTables;
  private readonly newestHour: Statement;

  constructor(db: Database, names: WritableNames) {
    this.names = names;
    this.tables = new RollTables(db);
    this.newestHour = db.prepare('SELECT max(at) FROM roll_hour WHERE dim = 0').pluck();
  }

  /** Adds what these minutes hold of the dimensions to the stored rows, inside a transaction; the number of rows that took part. */
  flush(
    minutes: ReadonlyMap<number, OpenMinute>,
    dimensions: readonly Dimension[],
    now: number,
  ): number {
    if (minutes.size === 0) return 0;
    let rows = 0;
    const newestHour = this.newestHour.get() as number | null;
    const hoursUpTo = newestHour === null ? -Infinity : newestHour + HOUR_MS;
    const latest = Math.floor((now + MAX_AHEAD_MS) / MINUTE_MS) * MINUTE_MS;
    for (const [told, maps] of minutes) {
      const minute = Math.min(told, latest);
      const isRolled = minute < hoursUpTo;
      const table = isRolled ? 'roll_hour' : 'roll_minute';
      const at = isRolled ? Math.floor(minute / HOUR_MS) * HOUR_MS : minute;
      for (const dimension of dimensions) {
        for (const [name, roll] of maps[dimension]) {
          const key = dimension === 'all' ? 0 : this.names.idFor(dimension, name);
          this.tables.add(table, DIMENSION[dimension], key, at, roll);
          this.tables.add('roll_total', DIMENSION[dimension], key, 0, roll);
          rows += 2;
        }
      }
    }
    return rows;
  }
}
