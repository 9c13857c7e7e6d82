// Calls tasks and waits for their results, in the ways there are.
import { TaskError } from 'umbel';
import { add, app, divide, walk } from './celery_app.ts';

const sum = await add.delay(3, 5);
console.log('3 + 5 =', await sum.get({ timeoutMs: 30_000 }));
console.log('its state:', await sum.state());

const later = await add.applyAsync([1, 1], { countdownMs: 200, expiresAt: Date.now() + 60_000 });
console.log('a little later:', await later.get({ timeoutMs: 30_000 }));

const failing = await divide.delay(1, 0);
try {
  await failing.get({ timeoutMs: 30_000 });
} catch (error) {
  if (error instanceof TaskError) console.log(`${error.state}: ${error.name}: ${error.message}`);
}

console.log(await (await walk.delay(3)).get({ timeoutMs: 30_000 }));

// By name: the task may as well live in a Python worker.
const byName = await app.sendTask<number>('calling.add', [20, 22]);
console.log('by its name:', await byName.get({ timeoutMs: 30_000 }));
await byName.forget();
console.log('forgotten:', await byName.state());

await app.close();
