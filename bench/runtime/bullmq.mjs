// BullMQ beside us: `work <concurrency>` runs jobs, `sequence <n>` and `batches <n>` put empty ones and say how many a second, `pause` and
// `resume` hold the workers back. BULLMQ is the module, REDIS the port.
const { Queue, Worker } = await import(process.env.BULLMQ);
const connection = {
  host: '127.0.0.1',
  port: Number(process.env.REDIS),
  maxRetriesPerRequest: null,
};
const [mode, number] = process.argv.slice(2);
const queue = new Queue('bench', { connection });
if (mode === 'work') {
  new Worker('bench', async () => null, { connection, concurrency: Number(number) });
  console.log('ready.');
} else if (mode === 'pause' || mode === 'resume') {
  await queue[mode]();
  process.exit(0);
} else {
  const count = Number(number);
  await queue.waitUntilReady();
  const began = performance.now();
  if (mode === 'sequence') for (let n = 0; n < count; n += 1) await queue.add('empty', {});
  else {
    for (let n = 0; n < count; n += 100) {
      const many = Math.min(100, count - n);
      await Promise.all(Array.from({ length: many }, () => queue.add('empty', {})));
    }
  }
  console.log(String((count / (performance.now() - began)) * 1000));
  process.exit(0);
}
