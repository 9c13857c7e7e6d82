// What was measured since the last flush, added up by minute: it grows with names and minutes, never with how much happens,
// and stays until a transaction that holds it stands.
import type { MetricFact } from '../store.ts';
import type { Dimension } from './counters.ts';
import { addClassed, boundedValue, classOf } from './histogram.ts';
import { createRoll, HOUR_MS, mergeRoll, MINUTE_MS, type Roll } from './rollups.ts';

/** One minute: per dimension and name what came; of all tasks the name is empty. */
export type OpenMinute = Record<Dimension, Map<string, Roll>>;

/** While nothing can be written, more minutes than these are joined to hours. */
const KEPT_MINUTES = 60;

export class OpenMetrics {
  readonly minutes = new Map<number, OpenMinute>();

  add(fact: MetricFact, now: number): void {
    const at = Number.isFinite(fact.at) ? fact.at : now;
    const maps = this.minuteOf(Math.floor(at / MINUTE_MS) * MINUTE_MS);
    const [wait, runtime] = [classed(fact.waitMs), classed(fact.runtimeMs)];
    const put = (map: Map<string, Roll>, name: string | null): void => {
      if (name === null) return;
      const roll = rollOf(map, name);
      roll[fact.outcome] += 1;
      if (wait !== null) addClassed(roll.wait, wait.value, wait.index);
      if (runtime !== null) addClassed(roll.runtime, runtime.value, runtime.index);
    };
    put(maps.all, '');
    put(maps.type, fact.type);
    put(maps.worker, fact.worker);
    put(maps.queue, fact.queue);
  }

  /** They were not written: all but the newest minutes are joined to their hours, so that days of trouble fit. */
  keep(): void {
    const minutes = [...this.minutes.keys()].sort((a, b) => b - a);
    for (const minute of minutes.slice(KEPT_MINUTES)) {
      const hour = Math.floor(minute / HOUR_MS) * HOUR_MS;
      const maps = this.minutes.get(minute);
      if (minute === hour || maps === undefined) continue;
      this.minutes.delete(minute);
      const joined = this.minuteOf(hour);
      for (const dimension of Object.keys(maps) as Dimension[]) {
        for (const [name, roll] of maps[dimension]) {
          mergeRoll(rollOf(joined[dimension], name), roll);
        }
      }
    }
  }

  /** What was kept of these dimensions stands in the store. */
  written(dimensions: readonly Dimension[]): void {
    for (const [minute, maps] of this.minutes) {
      for (const dimension of dimensions) maps[dimension].clear();
      if (Object.values(maps).every((map) => map.size === 0)) this.minutes.delete(minute);
    }
  }

  private minuteOf(at: number): OpenMinute {
    let maps = this.minutes.get(at);
    if (maps === undefined) {
      maps = { all: new Map(), type: new Map(), worker: new Map(), queue: new Map() };
      this.minutes.set(at, maps);
    }
    return maps;
  }
}

function rollOf(map: Map<string, Roll>, name: string): Roll {
  let roll = map.get(name);
  if (roll === undefined) {
    roll = createRoll();
    map.set(name, roll);
  }
  return roll;
}

type Classed = { value: number; index: number } | null;

function classed(ms: number | null): Classed {
  if (ms === null || !Number.isFinite(ms)) return null;
  const value = boundedValue(ms);
  return { value, index: classOf(value) };
}
