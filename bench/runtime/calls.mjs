// Our client as it is built, beside the others: `sequence <n>` and `batches <n>` call an empty task, after a thousand others, and say how many
// a second. BENCH_APP has the settings.
import { Celery } from 'umbel';

const [mode, number] = process.argv.slice(2);
const app = new Celery('bench', JSON.parse(process.env.BENCH_APP));
const empty = app.task('bench.empty', () => null);
const sequence = async (many) => {
  for (let n = 0; n < many; n += 1) await empty.delay();
};
const batches = async (many) => {
  for (let n = 0; n < many; n += 100) {
    await Promise.all(Array.from({ length: Math.min(100, many - n) }, () => empty.delay()));
  }
};
const work = mode === 'sequence' ? sequence : batches;
await app.connect();
await work(1000);
const began = performance.now();
await work(Number(number));
console.log(String((Number(number) / (performance.now() - began)) * 1000));
await app.close();
