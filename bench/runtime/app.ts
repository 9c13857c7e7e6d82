// The app that is measured: an empty task, and one that keeps a processor busy.
import { Celery } from 'umbel';

const settings = JSON.parse(process.env['BENCH_APP'] ?? '{}') as Record<string, unknown>;

export const app = new Celery('bench', settings);
export const empty = app.task('bench.empty', () => null);
export const busy = app.task('bench.busy', (rounds: number) => {
  let total = 0;
  for (let round = 0; round < rounds; round += 1) total = (total * 31 + round) % 1_000_003;
  return total;
});
