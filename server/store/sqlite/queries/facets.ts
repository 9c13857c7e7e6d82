// How the matching tasks divide: by state, type, queue and worker. Without a filter from the counters; else counted,
// newest first, within a budget.
import {
  TASK_STATES,
  type TaskFacets,
  type TaskPageQuery,
} from '../../../../lib/contract/index.ts';
import type { Connection } from './connection.ts';
import { ask, versionOf } from './list-tasks.ts';
import { chooseSources } from './plan.ts';
import { scan, type Budget } from './scan.ts';
import { countsBy, countsByState } from './small-queries.ts';

const MOST_VALUES = 50;
const BUDGET_MS = 150;
const BUDGET_ROWS = 100_000;

type Part = { state: number; type_id: number; worker_id: number; queue_id: number; n: number };

export function taskFacets(
  connection: Connection,
  query: { q: string; range: TaskPageQuery['range']; now: number },
): TaskFacets {
  const question = ask(connection, query);
  if (question.filter.type === 'all' && question.from === null) return unfiltered(connection);
  const counts = { state: new Tally(), type: new Tally(), worker: new Tally(), queue: new Tally() };
  const budget: Budget = { endsAt: Date.now() + BUDGET_MS, rows: BUDGET_ROWS };
  let exact = true;
  for (const source of chooseSources(connection, question.filter)) {
    const order = { column: 'updated_at', index: null, descending: true };
    const select = 'state, type_id, worker_id, queue_id, count(*) AS n';
    const tail = 'GROUP BY state, type_id, worker_id, queue_id';
    const plan = {
      select,
      filter: question.sql,
      order,
      after: null,
      from: question.from,
      limit: 1e9,
      tail,
    };
    const indexed = source.small ? { ...source, index: 'task_updated' } : source;
    let reached: unknown = null;
    for (const stretch of scan<Part>(connection.db, indexed, plan, budget)) {
      for (const part of stretch.rows) {
        counts.state.add(part.state, part.n);
        counts.type.add(part.type_id, part.n);
        counts.worker.add(part.worker_id, part.n);
        counts.queue.add(part.queue_id, part.n);
      }
      ({ reached } = stretch);
    }
    if (reached !== null) exact = false;
  }
  const named = (tally: Tally): { value: string; count: number }[] =>
    tally.top().flatMap(({ key, count }) => {
      const value = connection.names.text(key);
      return value === null ? [] : [{ value, count }];
    });
  return {
    states: TASK_STATES.map((value, index) => ({ value, count: counts.state.count(index) })).filter(
      ({ count }) => count > 0,
    ),
    types: named(counts.type),
    queues: named(counts.queue),
    workers: named(counts.worker),
    exact,
    version: versionOf(connection),
  };
}

function unfiltered(connection: Connection): TaskFacets {
  const byState = countsByState(connection);
  return {
    states: TASK_STATES.map((value) => ({ value, count: byState[value] })).filter(
      ({ count }) => count > 0,
    ),
    types: countsBy(connection, 'type').slice(0, MOST_VALUES),
    queues: countsBy(connection, 'queue').slice(0, MOST_VALUES),
    workers: countsBy(connection, 'worker').slice(0, MOST_VALUES),
    exact: true,
    version: versionOf(connection),
  };
}

class Tally {
  private readonly counts = new Map<number, number>();

  add(key: number, n: number): void {
    this.counts.set(key, this.count(key) + n);
  }

  count(key: number): number {
    return this.counts.get(key) ?? 0;
  }

  top(): { key: number; count: number }[] {
    return [...this.counts]
      .map(([key, count]) => ({ key, count }))
      .sort((a, b) => b.count - a.count || a.key - b.key)
      .slice(0, MOST_VALUES);
  }
}
