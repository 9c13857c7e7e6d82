import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { resultOf } from '../backend/result-backend.contract.ts';
import { Celery } from './celery.ts';

it.each([
  [0, -1],
  [null, -1],
  [60, 60],
])(
  'result_expires = %s keeps results for %s seconds, where -1 is for ever',
  async (is, seconds) => {
    const url = await freshRedisUrl();
    const app = new Celery('life', { broker: url, backend: url, result_expires: is });
    await app.connect();
    await app.backend?.store(resultOf('a', 'SUCCESS', 1));
    const redis = new Redis(url);
    expect(await redis.ttl('celery-task-meta-a')).toBe(seconds);
    await redis.quit();
    await app.close();
  },
);
