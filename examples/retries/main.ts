// Each retry is the same task: one id, one result.
import { TaskError } from 'umbel';
import { app, connect, fetchPage } from './celery_app.ts';

const timeoutMs = 30_000;

const sent = await fetchPage.delay('example.org', 2);
const { id, attempt } = await sent.get({ timeoutMs });
console.log(`attempt ${String(attempt)} of the same task: ${String(id === sent.id)}`);

const failing = await fetchPage.delay('example.com', 10);
try {
  await failing.get({ timeoutMs });
} catch (error) {
  if (error instanceof TaskError) console.log(`given up: ${error.name}: ${error.message}`);
}

console.log(await (await connect.delay(3)).get({ timeoutMs }));

await app.close();
