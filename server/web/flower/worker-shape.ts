// One worker as Flower's API shows it: Celery's inspect replies, each part only if the worker ever answered it.
import type {
  Section,
  WorkerDetail,
  WorkerQueue,
  WorkerTask,
} from '../../../lib/contract/index.ts';

export function toFlowerWorker(worker: WorkerDetail): Record<string, unknown> {
  const { hostname } = worker;
  const shape: Record<string, unknown> = {};
  const put = <T>(name: string, section: Section<T>, map: (value: T) => unknown) => {
    if (section.value !== null) shape[name] = map(section.value);
  };
  put('stats', worker.stats, (stats) => stats);
  put('active_queues', worker.activeQueues, (queues) => queues.map(toFlowerQueue));
  put('registered', worker.registered, (tasks) =>
    tasks.map(({ name, info }) => (info === null ? name : `${name} [${info}]`)),
  );
  put('scheduled', worker.scheduled, (tasks) =>
    tasks.map((task) => ({
      eta: task.etaAt === null ? null : new Date(task.etaAt).toISOString(),
      priority: task.priority,
      request: toFlowerRequest(task, hostname),
    })),
  );
  put('active', worker.running, (tasks) => tasks.map((task) => toFlowerRequest(task, hostname)));
  put('reserved', worker.reserved, (tasks) => tasks.map((task) => toFlowerRequest(task, hostname)));
  put('revoked', worker.revoked, (ids) => ids);
  put('conf', worker.conf, (conf) => conf);
  const readAts = [worker.stats, worker.running, worker.registered].map(
    ({ readAt }) => readAt ?? 0,
  );
  const readAt = Math.max(...readAts);
  if (readAt > 0) shape.timestamp = readAt / 1000;
  return shape;
}

function toFlowerQueue(queue: WorkerQueue): Record<string, unknown> {
  const { name, exchange, exchangeType, routingKey, durable } = queue;
  return {
    name,
    exchange: { name: exchange, type: exchangeType },
    routing_key: routingKey,
    durable,
  };
}

function toFlowerRequest(task: WorkerTask, hostname: string): Record<string, unknown> {
  return {
    id: task.id,
    name: task.type,
    args: task.args,
    kwargs: task.kwargs,
    type: task.type,
    hostname,
    time_start: task.startedAt === null ? null : task.startedAt / 1000,
    acknowledged: task.acknowledged,
    delivery_info: { routing_key: task.queue, priority: task.priority },
    worker_pid: task.pid,
  };
}
