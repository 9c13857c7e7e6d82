// BullMQ beside us: `work <concurrency>` runs jobs, `sequence <n>` and `batches <n>` put empty ones, after a
// thousand others, and say how many a second, `fill <n>` just puts them, `pause` and
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
  const batches = async (many) => {
    for (let n = 0; n < many; n += 100) {
      await Promise.all(
        Array.from({ length: Math.min(100, many - n) }, () => queue.add('empty', {})),
      );
    }
  };
  const sequence = async (many) => {
    for (let n = 0; n < many; n += 1) await queue.add('empty', {});
  };
  const work = mode === 'sequence' ? sequence : batches;
  if (mode !== 'fill') await work(1000);
  const began = performance.now();
  await work(count);
  console.log(String((count / (performance.now() - began)) * 1000));
  process.exit(0);
}
