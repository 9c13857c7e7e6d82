import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { freshRedisUrl } from '../../e2e/fixtures/isolated.ts';
import { createBackend, isChordBackend } from './create-backend.ts';
import { describeBackend, resultOf } from './result-backend.contract.ts';
import { groupKey, toKeyPrefix } from './result-keys.ts';

async function open(url: string, keyPrefix: string) {
  const backend = createBackend(url, { keyPrefix });
  if (!isChordBackend(backend)) throw new Error('no chords');
  await backend.connect();
  return backend;
}

for (const prefix of ['', 'team']) {
  describeBackend(`redis${prefix === '' ? '' : ' with a key prefix'}`, () => {
    let url: Promise<string> | null = null;
    const fresh = () => (url ??= freshRedisUrl());
    return {
      open: async () => open(await fresh(), prefix),
      endClaim: async (groupId) => {
        const redis = new Redis(await fresh());
        await redis.del(groupKey(toKeyPrefix(prefix), groupId, '.c'));
        redis.disconnect();
      },
    };
  });
}

describe('the redis result backend', () => {
  it('keeps the keys that Celery reads', async () => {
    const url = await freshRedisUrl();
    const backend = await open(url, 'team');
    await backend.store(resultOf('a', 'SUCCESS', 1));
    await backend.setChordSize('g', 2);
    await backend.chordMemberDone('g', { id: 't', state: 'SUCCESS', result: 1, groupIndex: 0 });
    const redis = new Redis(url);
    const keys = await redis.keys('*');
    expect(keys.sort()).toEqual([
      'team_celery-task-meta-a',
      'team_celery-taskset-meta-g.d',
      'team_celery-taskset-meta-g.j',
      'team_celery-taskset-meta-g.s',
    ]);
    expect(await redis.smembers('team_celery-taskset-meta-g.d')).toEqual(['t:0']);
    expect(await redis.ttl('team_celery-task-meta-a')).toBeGreaterThan(86_000);
    expect(await redis.zrange('team_celery-taskset-meta-g.j', '0', '-1')).toEqual([
      '[1, "t", "SUCCESS", 1]',
    ]);
    const last = { id: 'u', state: 'SUCCESS', result: 2, groupIndex: null };
    const claim = await backend.chordMemberDone('g', last);
    expect(await redis.ttl('team_celery-taskset-meta-g.c')).toBeLessThanOrEqual(6);
    expect(await redis.zscore('team_celery-taskset-meta-g.j', '[1, "u", "SUCCESS", 2]')).toBe(
      'inf',
    );
    await claim?.hold();
    expect(await redis.ttl('team_celery-taskset-meta-g.c')).toBeGreaterThan(6);
    await claim?.finish();
    expect((await redis.keys('*set-meta*')).sort()).toEqual(['team_celery-taskset-meta-g.c']);
    expect(await redis.get('team_celery-taskset-meta-g.c')).toBe('done');
    redis.disconnect();
    await backend.close();
  });

  it('stores many at once: each but what is a SUCCESS already, and one that is refused harms no other', async () => {
    const url = await freshRedisUrl();
    const backend = await open(url, '');
    const redis = new Redis(url);
    const key = (id: string) => `celery-task-meta-${id}`;
    await redis.set(key('celery'), '{"status": "SUCCESS", "result": 1, "task_id": "celery"}');
    await redis.set(key('other'), '{"task_id":"other","result":1,"status":"SUCCESS"}');
    await redis.set(key('older'), '{"task_id":"older","result":1,"status":"STARTED"}');
    await redis.hset(key('hash'), 'no', 'record');
    const ids = ['celery', 'other', 'older', 'hash', 'new'];
    const stored = await Promise.allSettled(
      ids.map((id) => backend.store(resultOf(id, 'FAILURE', 2))),
    );
    expect(stored.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
    const metas = await backend.getMany(['celery', 'other', 'older', 'new']);
    expect(metas.map((meta) => meta?.status)).toEqual([
      ...['SUCCESS', 'SUCCESS', 'FAILURE', 'FAILURE'],
    ]);
    redis.disconnect();
    await backend.close();
  });

  it('says that the backend cannot be reached', async () => {
    const backend = createBackend('redis://127.0.0.1:1/0');
    await expect(backend.connect()).rejects.toMatchObject({ code: 'backend_unreachable' });
    await backend.close();
  });
});
