// The same as `umbel -A celery_app inspect …` and `control …` do, from a program.
import { setTimeout as pause } from 'node:timers/promises';
import { TaskError } from 'umbel';
import { add, app, forever } from './celery_app.ts';

const timeoutMs = 30_000;
const destination = ['operations@example'];

/** The answer of the one worker. */
const ask = async (command: string, args: Record<string, unknown> = {}) =>
  (await app.broadcast(command, args, { destination, timeoutMs }))['operations@example'];

console.log('ping:', await ask('ping'));
console.log('greet:', await ask('greet', { name: 'Ada' }));
console.log('rate limit:', await ask('rate_limit', { task_name: add.name, rate_limit: '100/s' }));
console.log('more threads:', await ask('pool_grow', { n: 1 }));

const running = await forever.delay();
type Active = { id: string }[];
while (!((await ask('active')) as Active).some(({ id }) => id === running.id)) await pause(20);
await running.revoke({ terminate: true });
try {
  await running.get({ timeoutMs });
} catch (error) {
  if (error instanceof TaskError) console.log(`${error.state}: ${error.message}`);
}
console.log('the worker goes on:', await (await add.delay(1, 2)).get({ timeoutMs }));

await app.close();
