// A process that writes until it is killed, and says after each commit how many tasks it has committed. For the test of
// kill -9; nothing else may start it.
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { createTaskRecord } from '../task-record.ts';
import { openStoreWriter } from './writer.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('Which store?');
const retention = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
const writer = openStoreWriter({ path, retention, logger: silentLogger, clock: systemClock });
for (let total = 1000; total <= 1_000_000; total += 1000) {
  const now = Date.now();
  const tasks = Array.from({ length: 1000 }, () => createTaskRecord(randomUUID(), now));
  for (const task of tasks) task.state = 'success';
  writer.commit({ tasks, now });
  if (total % 5000 === 0) writer.checkpoint();
  process.stdout.write(`${total}\n`);
}
