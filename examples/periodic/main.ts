// Waits until both entries have run.
import { setTimeout as pause } from 'node:timers/promises';
import { app, ticked } from './celery_app.ts';

for (;;) {
  const all = await (await ticked.delay()).get({ timeoutMs: 30_000 });
  const [ticks, tocks] = ['tick', 'tock'].map((what) => all.filter((one) => one === what).length);
  if (Number(ticks) >= 2 && Number(tocks) >= 1) break;
  await pause(100);
}
console.log('it ticks, and it tocks');

await app.close();
