// How fast a worker works off empty tasks, and busy ones. The worker starts and warms up on a queue of its own first; then it is told to take
// from the one that was filled meanwhile. Measured from the first tenth to the last task.
import { readFileSync, readdirSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { Scores } from '../goals.ts';
import { cpuSeconds, median, pause, printTable, progress, round, type Row } from '../measure.ts';
import { withClient } from './client.ts';
import { ours, type Load, type Places, type Subject } from './subjects.ts';

export type Run = { rate: number; cpu: number };

const TIMED_QUEUE = 'timed';
const DEADLINE_MS = 120_000;

/** So many that a run takes about as long for each; what compiles its code as it goes has done so after the warm-up. */
const FAST = { warmUp: 5000, full: 20_000 };
const SLOW = { warmUp: 500, full: 5000 };
const sizeOf = ({ name }: Subject) => (name.startsWith('Celery') ? SLOW : FAST);

export function measureTasks(
  subject: Subject,
  places: Places,
  load: Load,
  share: number,
): Promise<Run> {
  const count = Math.round(sizeOf(subject).full * share);
  return measure(subject, places, load, { name: 'bench.empty', args: [], count });
}

type Work = { name: string; args: unknown[]; count: number };

async function measure(subject: Subject, places: Places, load: Load, work: Work): Promise<Run> {
  await clear(places);
  const { warmUp } = sizeOf(subject);
  const redis = new Redis(subject.isCelery ? places.backend : places.broker);
  const done = () => (subject.isCelery ? redis.dbsize() : redis.zcard('bull:bench:completed'));
  const child = await subject.work(places, load);
  try {
    await subject.fill(places, 'celery', {
      ...work,
      name: 'bench.empty',
      args: [],
      count: warmUp,
    });
    await until(done, warmUp);
    await subject.fill(places, TIMED_QUEUE, work);
    await quiet(child.pid);
    await subject.begin(places, TIMED_QUEUE);
    const first = await until(done, warmUp + work.count / 10);
    const [startedAt, usedBefore] = [performance.now(), treeSeconds(child.pid)];
    const last = await until(done, warmUp + work.count);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = ((treeSeconds(child.pid) - usedBefore) / (last - first)) * 1000;
    return { rate: (last - first) / seconds, cpu };
  } finally {
    redis.disconnect();
    await child.stop('SIGTERM', 20_000);
  }
}

async function until(done: () => Promise<number>, count: number): Promise<number> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const now = await done();
    if (now >= count) return now;
    if (Date.now() > deadline) throw new Error(`only ${String(now)} of ${String(count)} are done`);
    await pause(5);
  }
}

/** All its threads and processes have started and have nothing to do. */
async function quiet(pid: number): Promise<void> {
  const deadline = Date.now() + 20_000;
  let before = treeSeconds(pid);
  while (Date.now() < deadline) {
    await pause(300);
    const now = treeSeconds(pid);
    if (now - before <= 0.03) return;
    before = now;
  }
}

/** Processor seconds of a process and its children. */
function treeSeconds(pid: number): number {
  let total = cpuSeconds(pid);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      if (Number(parent) === pid) total += treeSeconds(Number(entry));
    } catch {
      continue;
    }
  }
  return total;
}

async function clear(places: Places): Promise<void> {
  const redis = new Redis(places.backend);
  await redis.flushall();
  redis.disconnect();
  for (const queue of ['celery', TIMED_QUEUE]) {
    await withClient(places, async ({ transport }) => {
      await transport.declareQueue(queue);
      await transport.purge(queue);
    });
  }
}

/** A task that keeps a processor busy, alone and in two threads. */
export async function measureBusy(
  places: Places,
  count: number,
  rounds: number,
  scores: Scores,
): Promise<void> {
  const pools = [
    { subject: ours('solo'), concurrency: 1, rates: [] as number[] },
    { subject: ours('threads'), concurrency: 2, rates: [] as number[] },
  ];
  const work = { name: 'bench.busy', args: [20_000_000], count };
  for (let number = 1; number <= rounds; number += 1) {
    for (const { subject, concurrency, rates } of pools) {
      progress(`busy tasks: ${subject.name}, run ${String(number)}`);
      const { rate } = await measure(subject, places, { concurrency, hasEvents: false }, work);
      rates.push(rate);
    }
  }
  const rows = pools.map(({ subject, concurrency, rates }): Row => ({
    runtime: subject.name,
    concurrency,
    'tasks/s': round(median(rates), 2),
  }));
  const [alone, both] = pools.map(({ rates }) => median(rates));
  scores.report('busyScale', (both ?? Number.NaN) / (alone ?? Number.NaN));
  printTable('tasks that keep a processor busy, on Redis', rows);
}
