import { describe, expect, it } from 'vitest';
import { Celery } from './celery.ts';
import { routeOf, type RouteTable } from './routes.ts';

describe('settings', () => {
  it('are Celery’s by default, and taken under both names', () => {
    const app = new Celery('s', { broker: 'redis://h/1', taskTimeLimitMs: 1500 });
    expect(app.conf).toMatchObject({ taskDefaultQueue: 'celery', taskTimeLimitMs: 1500 });
    app.conf.update({ task_time_limit: 2, result_expires: null, taskDefaultQueue: 'mail' });
    expect(app.conf).toMatchObject({
      brokerUrl: 'redis://h/1',
      taskTimeLimitMs: 2000,
      resultExpiresMs: null,
      taskDefaultQueue: 'mail',
    });
  });

  it('are one of a few words where only those mean something', () => {
    const wrong = {
      resultSerializer: 'pickle',
      task_default_queue_type: 'odd',
      taskCompression: 'zstd',
      worker_pool: 'billiard',
    };
    expect(() => new Celery('x', wrong)).toThrow(
      /"resultSerializer" has to be one of json, yaml, msgpack.*"task_default_queue_type" .*quorum.*"taskCompression" .*gzip.*"worker_pool" .*threads, processes/,
    );
    expect(new Celery('x', { taskCompression: null }).conf.taskCompression).toBeNull();
  });

  it('are refused together, with the nearest name, and nothing is changed', () => {
    const { conf } = new Celery('s');
    const wrong: object = { task_serialiser: 'yaml', workerConcurency: 3, timezone: 5 };
    expect(() => {
      conf.update({ ...wrong, taskDefaultQueue: 'x' });
    }).toThrow(/"task_serializer".*"workerConcurrency".*"timezone" has to be of the kind string/);
    expect(conf.taskDefaultQueue).toBe('celery');
  });
});

describe('a route', () => {
  const table: RouteTable = {
    'reports.*': { queue: 'reports' },
    'reports.nightly': { queue: 'slow', priority: 3 },
    'media.[ab]?': 'media',
  };

  it.each([
    ['reports.nightly', { queue: 'slow', priority: 3 }],
    ['reports.daily', { queue: 'reports' }],
    ['media.a1', { queue: 'media' }],
    ['media.c1', null],
    ['xreports.daily', null],
  ])('of %s is found by name before patterns', (name, route) => {
    expect(routeOf(table, name)).toEqual(route);
  });

  it('is a regular expression, a function, or the next table’s', () => {
    const tables: RouteTable = [
      [/^(video|image)\.resize$/, { queue: 'big', routing_key: 'r' } as never],
      (name, args) => (args[0] === 'vip' ? { queue: 'fast' } : null),
      { '*': 'rest' },
    ];
    expect(routeOf(tables, 'image.resize')).toEqual({ queue: 'big', routingKey: 'r' });
    expect(routeOf(tables, 'anything', ['vip'])).toEqual({ queue: 'fast' });
    expect(routeOf(tables, 'anything', ['other'])).toEqual({ queue: 'rest' });
  });
});
