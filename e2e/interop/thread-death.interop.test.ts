import { afterEach, expect, test } from 'vitest';
import { freshRedisUrl } from '../fixtures/isolated.ts';
import { startUmbel, type Umbel } from '../fixtures/umbel.ts';

/** SIGUSR2 ends the thread that was started with the collector's room for young objects. */
const hook = `
const threads = [];
process.on('worker', (thread) => threads.push(thread));
process.on('SIGUSR2', () => {
  for (const thread of threads) if (thread.resourceLimits.maxYoungGenerationSizeMb === 16) thread.terminate();
});`;

let umbel: Umbel | undefined;

afterEach(async () => {
  await umbel?.stop();
});

test('a collector that dies ends the process: exit code 1 and one line that says why, for whoever restarts it', async () => {
  umbel = await startUmbel({
    args: ['--broker', await freshRedisUrl()],
    env: { NODE_OPTIONS: `--import="data:text/javascript,${encodeURIComponent(hook)}"` },
    freshPages: false,
  });
  process.kill(umbel.pid, 'SIGUSR2');
  expect(await umbel.ended).toBe(1);
  expect(umbel.output()).toMatch(/umbel: The collector ended with 1/);
});
