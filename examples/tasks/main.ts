// Calls the tasks, and asks the worker what happened around them.
import { setTimeout as pause } from 'node:timers/promises';
import { app, greet, story, wait } from './celery_app.ts';

const timeoutMs = 30_000;

for (const name of ['Ada', 'nobody', 'late', 'shy']) {
  const sent = await greet.delay(name);
  if (name !== 'shy') await sent.get({ timeoutMs, propagate: false });
  console.log(`${name}:`);
  for (const line of await (await story.delay()).get({ timeoutMs })) console.log(`  ${line}`);
}

const waiting = await wait.delay();
while ((await waiting.state()) !== 'WAITING') await pause(20);
console.log('told meanwhile:', await waiting.info());
await waiting.abort();
console.log(await waiting.get({ timeoutMs }));

await app.close();
