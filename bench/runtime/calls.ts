// How fast tasks are called: `delay` in sequence, each call waiting for the one before, and a hundred at a time. Python has one way to call
// many at once, threads: a hundred of them. Each makes some calls before, so that code is compiled and connections are open.
import type { Scores } from '../goals.ts';
import { Redis } from 'ioredis';
import { median, printTable, progress, round, type Row } from '../measure.ts';
import { addJobs, delayHere, delayInPython, type Places } from './subjects.ts';

type Caller = {
  name: string;
  how: string;
  work: (places: Places) => Promise<number>;
  rates: number[];
};

export async function measureCalls(
  places: Places,
  module: string | null,
  count: number,
  rounds: number,
  scores: Scores,
): Promise<void> {
  const own = (mode: 'sequence' | 'batches') => (at: Places) => delayHere(at, mode, count);
  const callers: Caller[] = [
    { name: 'Umbel', how: 'in sequence', work: own('sequence'), rates: [] },
    { name: 'Celery', how: 'in sequence', work: (at) => delayInPython(at, count, 1), rates: [] },
    { name: 'Umbel', how: '100 at a time', work: own('batches'), rates: [] },
    { name: 'Celery', how: '100 threads', work: (at) => delayInPython(at, count, 100), rates: [] },
  ];
  if (module !== null) {
    const job = (mode: 'sequence' | 'batches') => (at: Places) => addJobs(module, at, mode, count);
    callers.push({ name: 'BullMQ', how: 'in sequence', work: job('sequence'), rates: [] });
    callers.push({ name: 'BullMQ', how: '100 at a time', work: job('batches'), rates: [] });
  }
  for (let number = 1; number <= rounds; number += 1) {
    for (const { name, how, work, rates } of callers) {
      progress(`calls: ${name}, ${how}, run ${String(number)}`);
      const redis = new Redis(places.broker);
      await redis.flushall();
      redis.disconnect();
      rates.push(await work(places));
    }
  }
  const rateOf = (name: string, how: string) =>
    median(callers.find((one) => one.name === name && one.how === how)?.rates ?? []);
  scores.report('delayToPython', rateOf('Umbel', 'in sequence') / rateOf('Celery', 'in sequence'));
  const rows = callers.map(({ name, how, rates }): Row => ({
    caller: name,
    calls: how,
    'calls/s': round(median(rates), 0),
    runs: rates.map((rate) => round(rate, 0)).join(' '),
  }));
  printTable(`calls on Redis (${String(count)} each)`, rows);
}
