// What a worker shows at its start.
import { type as system } from 'node:os';
import type { Celery } from '../../client/celery.ts';
import { packageVersion } from '../../core/package.ts';
import type { RunningWorker, WorkerOptions } from '../../worker/worker.ts';

export function workerBanner(
  { name, transport, backend }: Celery,
  { hostname, tasks }: RunningWorker,
  { autoscale, concurrency, pool, queues, sendEvents }: WorkerOptions,
): string {
  const size =
    autoscale === undefined
      ? String(concurrency)
      : `{min=${String(autoscale.min)}, max=${String(autoscale.max)}}`;
  const events = sendEvents === true ? 'ON' : 'OFF (enable -E to monitor tasks in this worker)';
  return [
    '',
    `${hostname} v${packageVersion()} (umbel)`,
    '',
    `${system()}, Node ${process.version}`,
    '',
    '[config]',
    `.> app:         ${name}`,
    `.> transport:   ${transport.displayUrl}`,
    `.> results:     ${backend?.displayUrl ?? 'disabled://'}`,
    `.> concurrency: ${size} (${pool ?? 'threads'})`,
    `.> task events: ${events}`,
    '',
    '[queues]',
    ...(queues ?? []).map(
      (queue) => `.> ${queue.padEnd(16)} exchange=${queue}(direct) key=${queue}`,
    ),
    '',
    '[tasks]',
    ...tasks
      .filter((task) => !task.startsWith('celery.'))
      .sort()
      .map((task) => `  . ${task}`),
    '',
  ].join('\n');
}
