// Each task tells the queue that it came by.
import { app, order, resize, send } from './celery_app.ts';

const sent = [
  await order.delay('vip'),
  await order.delay('somebody'),
  await send.delay('ada@example.org'),
  await resize.delay('photo.png'),
  await send.applyAsync(['bela@example.org'], { queue: 'high_priority' }),
];
for (const result of sent) console.log(await result.get({ timeoutMs: 30_000 }));

await app.close();
