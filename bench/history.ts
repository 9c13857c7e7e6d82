// A million stored tasks: memory at rest, and how fast the task list answers, alone and while events come in.
import type { GoalName, Scores } from './goals.ts';
import {
  median,
  pause,
  percentile,
  printTable,
  progress,
  round,
  rssMegabytes,
  type Row,
} from './measure.ts';
import { getJson, publish, startSubject, until, type Status, type Subject } from './subject.ts';

const SETTLE_MS = 20_000;
const TURNS = 25;

type Query = { title: string; goal: GoalName; q: string };
type Page = { items: unknown[]; searchedBackTo: number | null };

export async function measureHistory(tasks: number, scores: Scores): Promise<void> {
  progress(`history, storing ${String(tasks)} tasks`);
  const subject = await startSubject();
  try {
    const before = await getJson<Status>(subject.api);
    const sent = await publish(subject.redis.port, [
      '--rate',
      '50000',
      '--seconds',
      String(Math.ceil((tasks * 4) / 50_000)),
    ]);
    await until(
      async () =>
        (await getJson<Status>(subject.api)).ingest.eventsTotal - before.ingest.eventsTotal >=
        sent.events,
      120_000,
    );
    await pause(SETTLE_MS);
    const status = await getJson<Status>(subject.api);
    const afterIngestion = rssMegabytes(subject.umbel.pid);
    const afterRestart = await restarted(subject);
    scores.report('memory', afterIngestion);
    scores.report('memory', afterRestart);
    printTable('History at rest', [
      {
        'tasks stored': status.tasksStored,
        'store MB': round(status.storeBytes / 1e6, 0),
        'bytes a task': round(status.storeBytes / status.tasksStored, 0),
        'RSS MB after ingestion': round(afterIngestion, 0),
        'RSS MB after a restart': round(afterRestart, 0),
      },
    ]);
    progress('history, queries');
    const queries = queriesFor(sent.idPrefix);
    const rows: Row[] = [];
    for (const query of queries) rows.push(await timed(subject, query, scores));
    printTable(`Task list at ${String(status.tasksStored)} tasks, at rest`, rows);
    const busy: Row[] = [];
    const load = publish(subject.redis.port, ['--rate', '20000', '--seconds', '45']);
    for (const query of queries) busy.push(await timed(subject, query, null));
    await load;
    printTable('The same while 20,000 events/s come in', busy);
  } finally {
    await subject.stop();
  }
}

/** Resident memory of a fresh process on the same history: what was garbage after ingestion is not in it. */
async function restarted(subject: Subject): Promise<number> {
  await subject.restart();
  await getJson(`${subject.api}/tasks?limit=50`);
  await pause(SETTLE_MS);
  return rssMegabytes(subject.umbel.pid);
}

function queriesFor(idPrefix: string): Query[] {
  const rareId = `${idPrefix}-0000-4000-8000-000000012345`;
  return [
    { title: 'first page', goal: 'firstPage', q: '' },
    { title: 'state:failure', goal: 'filteredPage', q: 'state:failure' },
    {
      title: 'name + worker',
      goal: 'filteredPage',
      q: 'name:shop.tasks.type_07 worker:celery@host-07',
    },
    { title: 'runtime:>15ms', goal: 'filteredPage', q: 'runtime:>15ms' },
    { title: 'word found often', goal: 'search', q: '"EUR"' },
    { title: 'word found seldom', goal: 'search', q: `"${rareId.slice(-12)}"` },
    { title: 'word found never', goal: 'search', q: '"no such word anywhere"' },
  ];
}

/** `scores`: null when no goal is set for these circumstances. */
async function timed(
  subject: Subject,
  { title, goal, q }: Query,
  scores: Scores | null,
): Promise<Row> {
  const times: number[] = [];
  let cut = 0;
  let found = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const startedAt = performance.now();
    const page = await getJson<Page>(`${subject.api}/tasks?limit=50&q=${encodeURIComponent(q)}`);
    times.push(performance.now() - startedAt);
    if (page.searchedBackTo !== null) cut += 1;
    found = page.items.length;
    await pause(20);
  }
  scores?.report(goal, percentile(times, 0.95));
  return {
    query: title,
    'p50 ms': round(median(times)),
    'p95 ms': round(percentile(times, 0.95)),
    'max ms': round(Math.max(...times)),
    'rows on the page': found,
    'searches cut short': `${String(cut)} of ${String(TURNS)}`,
  };
}
