// Tasks that leave notes in Redis, by which a client sees what ran, in which order and how often.
import { appendFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { TaskRegistry, TaskRequest } from '../../../server/client/task-types.ts';

async function noting<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(process.env['YARDSTICK_REDIS'] ?? 'redis://localhost:6379/0');
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

export const echo = (message: string, key: string) =>
  noting((redis) => redis.rpush(key, message)).then(() => null);

const count = (key: string) => noting((redis) => redis.incr(key)).then(() => null);

export function registerNoteTasks(app: TaskRegistry) {
  const task = (name: string) => `t.integration.tasks.${name}`;
  return {
    redisEcho: app.task(
      task('redis_echo'),
      (message: string, key?: string) => echo(message, key ?? 'redis-echo'),
      { params: ['message', 'redis_key'] },
    ),
    redisCount: app.task(task('redis_count'), (key?: string) => count(key ?? 'redis-count'), {
      params: ['redis_key'],
    }),
    redisEchoGroupId: app.task(
      task('redis_echo_group_id'),
      ({ request }, _: unknown, key?: string) =>
        echo(String(request.groupId), key ?? 'redis-group-ids'),
      { bind: true, params: ['_', 'redis_key'] },
    ),
    errbackOldStyle: app.task(task('errback_old_style'), async (id: string) => {
      await count(id);
      return id;
    }),
    errbackNewStyle: app.task(
      task('errback_new_style'),
      async ({ id }: TaskRequest, _error: Error, _traceback: string) => {
        await count(id);
        return id;
      },
      { errback: true },
    ),
    writeToFile: app.task(task('write_to_file_and_return_int'), (file: string, i: number) => {
      appendFileSync(file, `${String(i)}\n`);
      return i;
    }),
    printUnicode: app.task(
      task('print_unicode'),
      ({ logger }, line?: string) => {
        logger.warn({}, line ?? 'håå®ƒ valmuefrø');
      },
      { bind: true, params: ['log_message', 'print_message'] },
    ),
  };
}
