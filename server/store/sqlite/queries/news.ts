// What a list that is being looked at has missed: how many matching tasks are new and how many changed.
import type { TaskNews, TaskPageQuery } from '../../../../lib/contract/index.ts';
import type { Connection } from './connection.ts';
import { ask, versionOf } from './list-tasks.ts';

const MOST = 10_000;

export function taskNews(
  connection: Connection,
  query: { q: string; range: TaskPageQuery['range']; since: number; now: number },
): TaskNews {
  const { sql, from } = ask(connection, query);
  const since = Math.max(query.since, from ?? 0);
  const row = connection.db
    .prepare(
      `SELECT count(*) AS changed, coalesce(sum(first_seen_at > ?), 0) AS fresh FROM
       (SELECT * FROM task INDEXED BY task_updated WHERE updated_at > ? ORDER BY updated_at DESC LIMIT ${MOST}) AS task
       WHERE ${sql.text}`,
    )
    .get(query.since, since, ...sql.values) as { changed: number; fresh: number };
  return {
    newCount: row.fresh,
    changedCount: row.changed - row.fresh,
    version: versionOf(connection),
  };
}
