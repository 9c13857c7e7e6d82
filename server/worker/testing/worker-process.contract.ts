// A worker in a process of its own, to be killed. For the test of a shared queue; nothing else may start it.
import { Celery } from '../../client/celery.ts';
import { startWorker } from '../worker.ts';
import { TASKS_MODULE } from './cluster.ts';

const [url, queue] = process.argv.slice(2);
if (url === undefined || queue === undefined) throw new Error('Which broker and queue?');
const app = new Celery('interop', {
  ...{ broker: url, backend: url, taskAcksLate: true },
  brokerTransportOptions: { visibility_timeout: 2 },
});
await app.connect();
await startWorker({
  ...{ app, tasks: TASKS_MODULE, hostname: 'ours@umbel-test' },
  ...{ queues: [queue], concurrency: 1, prefetchMultiplier: 4 },
});
process.stdout.write('ready\n');
