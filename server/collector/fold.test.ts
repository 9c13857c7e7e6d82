import { describe, expect, it } from 'vitest';
import { Fold } from './fold.ts';
import { readAmqpEvents, readVectorEvents } from './testing/vectors.ts';
import type { TaskRecord } from '../store/task-record.ts';
import type { MetricFact } from '../store/store.ts';

function foldCase(
  file: string,
  name: string,
): { task: TaskRecord; metrics: MetricFact[]; all: TaskRecord[] } {
  const metrics: MetricFact[] = [];
  const fold = new Fold({ load: () => null, metric: (fact) => metrics.push(fact), redact: null });
  const events = readVectorEvents(file, name);
  const now = Math.max(...events.map((event) => Number(event['timestamp']) * 1000));
  for (const event of events) expect(fold.event(event, now)).toBe(true);
  const all = [...fold.tasks.byId.values()].map((live) => live.record);
  return { task: all[0]!, metrics, all };
}

const expected: Record<string, Partial<TaskRecord>> = {
  success: { state: 'success', type: 'demo.add', result: '5', args: '(2, 3)', queue: 'celery' },
  failure: { state: 'failure', type: 'demo.fail', exception: "ValueError('böom')" },
  retry: { state: 'success', retries: 1, parentId: null, exception: null, result: '1' },
  retry_exhausted: { state: 'failure', retries: 1, exception: "ConnectionError('autoretry')" },
  ignored: { state: 'started' },
  expired: { state: 'revoked', startedAt: null, finishedAt: 1795349483394 },
  eta: { state: 'success', waitMs: 2, etaAt: 1795349485808 },
  unknown_task: { state: 'failure', type: 'not.registered' },
  custom_event: { state: 'success', customState: null, result: "'done'" },
  soft_time_limit: { state: 'failure', exception: 'SoftTimeLimitExceeded()' },
  revoked: { state: 'revoked' },
  terminated: { state: 'revoked', revoking: false },
};

describe('fold over recorded events', () => {
  for (const [name, facts] of Object.entries(expected)) {
    it(`EV1 ${name}: what newest Celery sent becomes ${facts.state ?? ''}`, () => {
      expect(foldCase('main/redis_events.json', name).task).toMatchObject(facts);
    });
    it(`EV1 ${name}: Celery 5.2 ends in the same state`, () => {
      const { task } = foldCase('5.2.6/redis_events.json', name);
      expect(task).toMatchObject({ state: facts.state, type: expect.any(String) as string });
    });
  }
});

describe('fold over events recorded on RabbitMQ', () => {
  for (const file of ['main/amqp_events.json', '5.2.6/amqp_events.json']) {
    it(`EV1 ${file}: every event is taken, and success is success`, () => {
      const fold = new Fold({ load: () => null, metric: () => undefined, redact: null });
      const cases = readAmqpEvents(file);
      for (const event of [...cases.values()].flat()) {
        expect(fold.event(event, Number(event['timestamp']) * 1000)).toBe(true);
      }
      expect(fold.workers.get('w1@host.example')?.software).toContain('py-celery');
      const id = cases.get('success')?.find((event) => event.type === 'task-succeeded')?.['uuid'];
      expect(fold.tasks.byId.get(String(id))?.record).toMatchObject({ state: 'success' });
    });
  }
});
