// The runtime beside Python's Celery and BullMQ, in one run on one machine: empty tasks a second with their results stored and processor
// seconds per thousand, calls a second, and how busy tasks scale over threads.
import { startRabbitmq } from '../e2e/fixtures/servers/rabbitmq.ts';
import { startRedis } from '../e2e/fixtures/servers/redis.ts';
import type { Scores } from './goals.ts';
import { median, printTable, progress, round, type Row } from './measure.ts';
import { measureCalls } from './runtime/calls.ts';
import { measureBusy, measureTasks, type Run } from './runtime/tasks.ts';
import {
  bullmq,
  celery,
  installBullmq,
  ours,
  type Load,
  type Places,
  type Subject,
} from './runtime/subjects.ts';

/** What the goals are about is measured so often, in turn with its rivals, so that a busy moment hits all of them. */
const GOAL_RUNS = 3;
/** The rest is measured once, with fewer tasks. */
const SHARE = 0.5;
const QUICK_SHARE = 0.2;

export async function measureRuntime(isQuick: boolean, scores: Scores): Promise<void> {
  const redis = await startRedis();
  const rabbitmq = await startRabbitmq();
  const module = await installBullmq();
  const at = (database: number) => redis.url.replace(/\/0$/, `/${String(database)}`);
  const onRedis: Places = { broker: at(0), backend: at(1), redisPort: redis.port };
  const onRabbit: Places = { broker: rabbitmq.url, backend: at(1), redisPort: redis.port };
  const own = [ours('threads'), ours('async')];
  const theirs = [celery('prefork'), celery('threads')];
  const jobs = module === null ? [] : [bullmq(module)];
  const rows: Row[] = [];
  const once = { rounds: 1, share: isQuick ? QUICK_SHARE : SHARE };
  const often = isQuick ? once : { rounds: GOAL_RUNS, share: 1 };
  try {
    for (const concurrency of isQuick ? [2] : [2, 20]) {
      const load = { concurrency, hasEvents: false };
      const subjects = [...own, ...theirs, ...jobs];
      const rates = await measureAll(subjects, 'Redis', onRedis, load, often, rows);
      judge(scores, rates, own, jobs);
      await measureAll([...own, ...theirs], 'RabbitMQ', onRabbit, load, once, rows);
    }
    const withEvents = { concurrency: 2, hasEvents: true };
    await measureAll([...own, ...theirs], 'Redis', onRedis, withEvents, once, rows);
    await measureAll([...own, ...theirs], 'RabbitMQ', onRabbit, withEvents, once, rows);
    if (!isQuick) {
      const many = { concurrency: 20, hasEvents: true };
      await measureAll([...own, ...theirs], 'Redis', onRedis, many, once, rows);
      await measureAll([...own, ...theirs], 'RabbitMQ', onRabbit, many, once, rows);
    }
    printTable('empty tasks, acknowledged early, results stored in JSON', rows);
    await measureCalls(onRedis, module, isQuick ? 1000 : 5000, isQuick ? 1 : GOAL_RUNS, scores);
    await measureBusy(onRedis, isQuick ? 30 : 60, isQuick ? 1 : GOAL_RUNS, scores);
  } finally {
    await rabbitmq.stop();
    await redis.stop();
  }
  if (module === null) console.log('BullMQ could not be installed here: not measured.');
}

/** Round by round over all subjects; the medians become rows. Answers the rates by name. */
async function measureAll(
  subjects: readonly Subject[],
  broker: string,
  places: Places,
  load: Load,
  { rounds, share }: { rounds: number; share: number },
  rows: Row[],
): Promise<Map<string, number>> {
  const runs = new Map<string, Run[]>(subjects.map(({ name }) => [name, []]));
  const events = load.hasEvents ? 'on' : 'off';
  for (let number = 1; number <= rounds; number += 1) {
    for (const subject of subjects) {
      progress(
        `${subject.name} on ${broker}, concurrency ${String(load.concurrency)}, events ${events}, run ${String(number)}`,
      );
      runs.get(subject.name)?.push(await measureTasks(subject, places, load, share));
    }
  }
  const rates = new Map<string, number>();
  for (const [name, all] of runs) {
    const rate = median(all.map((run) => run.rate));
    rates.set(name, rate);
    rows.push({
      runtime: name,
      broker,
      concurrency: load.concurrency,
      events,
      'tasks/s': round(rate, 0),
      runs: all.map((run) => round(run.rate, 0)).join(' '),
      'CPU s/1000': round(median(all.map((run) => run.cpu)), 3),
    });
  }
  return rates;
}

/** Each of our pools against each rival: the worst counts. */
function judge(
  scores: Scores,
  rates: ReadonlyMap<string, number>,
  own: readonly Subject[],
  jobs: readonly Subject[],
): void {
  for (const { name } of own) {
    const rate = rates.get(name) ?? Number.NaN;
    scores.report('tasksToPrefork', rate / (rates.get('Celery, prefork') ?? Number.NaN));
    for (const rival of jobs) {
      scores.report('tasksToBullmq', rate / (rates.get(rival.name) ?? Number.NaN));
    }
  }
}
