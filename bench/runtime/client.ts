// Calls through our own client.
import { Celery } from '../../server/client/celery.ts';
import type { Places } from './subjects.ts';

export async function withClient<T>(places: Places, work: (app: Celery) => Promise<T>): Promise<T> {
  const app = new Celery('bench', { broker: places.broker, backend: places.backend });
  try {
    await app.connect();
    return await work(app);
  } finally {
    await app.close();
  }
}

export async function send(
  app: Celery,
  { queue, name, args, count }: { queue: string; name: string; args: unknown[]; count: number },
): Promise<void> {
  for (let n = 0; n < count; n += 100) {
    const many = Math.min(100, count - n);
    const calls = Array.from({ length: many }, () => app.sendTask(name, args, {}, { queue }));
    await Promise.all(calls);
  }
}
