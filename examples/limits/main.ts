// Runs into each of the limits.
import { TaskError } from 'umbel';
import { app, busy, patient, seldom, stubborn } from './celery_app.ts';

const timeoutMs = 30_000;

console.log('soft limit:', await (await patient.delay(60_000)).get({ timeoutMs }));

const stopped = await busy.delay();
try {
  await stopped.get({ timeoutMs });
} catch (error) {
  if (error instanceof TaskError) console.log('hard limit:', error.name);
}

const [first, second] = [await seldom.delay(), await seldom.delay()];
console.log('rate limit:', await first.get({ timeoutMs }), '-', await second.state());
await app.broadcast('rate_limit', { task_name: seldom.name, rate_limit: null });
console.log('without it:', await second.get({ timeoutMs }));

console.log('late acknowledgement:', await (await stubborn.delay()).get({ timeoutMs }));

await app.close();
