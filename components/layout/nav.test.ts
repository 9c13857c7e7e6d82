import { describe, expect, it } from 'vitest';
import { activeEntry, decodeParam } from './nav.ts';

describe('decodeParam', () => {
  it('reads what was encoded, and leaves broken text alone', () => {
    expect(decodeParam(encodeURIComponent('celery@a/b%'))).toBe('celery@a/b%');
    expect(decodeParam('%E0%A4%A')).toBe('%E0%A4%A');
  });
});

describe('activeEntry', () => {
  it('knows the page of a path, the detail pages too', () => {
    expect(activeEntry('/demo', 'demo')).toBe('overview');
    expect(activeEntry('/demo/tasks/9f1c', 'demo')).toBe('tasks');
    expect(activeEntry('/demo/workers/celery%40a', 'demo')).toBe('workers');
    expect(activeEntry('/demo/schedule', 'demo')).toBe('schedule');
    expect(activeEntry('/tasks-of-us/queues', 'tasks-of-us')).toBe('queues');
  });
});
