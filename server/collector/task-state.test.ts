import { describe, expect, it } from 'vitest';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';

type Step = [type: string, fields?: object];

function after(...steps: Step[]) {
  const { fold } = createFold();
  steps.forEach(([type, fields], index) => {
    const at = START + index * 1000;
    fold.event(rawEvent(type, at, fields), at);
  });
  return fold.tasks.find('a')!.record;
}

const received: Step = ['task-received', { name: 't' }];
const started: Step = ['task-started'];
const succeeded: Step = ['task-succeeded', { result: '1', runtime: 0.5 }];
const failed: Step = ['task-failed', { exception: 'E()', traceback: 'T' }];
const retried: Step = ['task-retried', { exception: 'first', traceback: 'T' }];
const revoked: Step = ['task-revoked', { terminated: true, signum: 15, expired: false }];

describe('states', () => {
  it('ST1 a weaker state never replaces a stronger one', () => {
    expect(after(received, started, succeeded, failed).state).toBe('success');
    expect(after(received, started, revoked, started).state).toBe('revoked');
    expect(after(received, started, failed, revoked).state).toBe('failure');
  });

  it('ST2 a custom state is started under its own name, and does not outrank revoked', () => {
    expect(after(received, ['task-progress', { done: 1 }])).toMatchObject({
      ...{ state: 'started', customState: 'PROGRESS' },
    });
    expect(after(received, started, revoked, ['task-progress'])).toMatchObject({
      ...{ state: 'revoked', customState: null },
    });
  });

  it('ST3 a rejection ends a started task; with requeue it is queued again', () => {
    expect(after(received, started, ['task-rejected', { requeue: false }]).state).toBe('rejected');
    expect(after(received, started, ['task-rejected', { requeue: true }]).state).toBe('queued');
  });

  it('ST4 a cancelled task will be delivered again', () => {
    expect(after(received, started, ['task-cancelled']).state).toBe('retry');
  });

  it('ST5 ST11 received after retried returns to received; success clears the exception of before', () => {
    const again: Step = ['task-received', { name: 't', retries: 1 }];
    expect(after(received, started, retried, again)).toMatchObject({
      ...{ state: 'received', retries: 1, exception: 'first' },
    });
    const done = after(received, started, retried, again, started, succeeded);
    expect(done).toMatchObject({ state: 'success', exception: null, runtimeMs: 500 });
    expect(done.timeline.map((fact) => fact.fields?.['exception'])).toContain('first');
  });

  it('ST6 received again with another name while started is a replacement', () => {
    const replacement: Step = ['task-received', { name: 'other' }];
    expect(after(received, started, replacement)).toMatchObject({
      ...{ state: 'received', type: 'other' },
    });
  });

  it('ST8 task-sent never sets the worker, and a task is not its own parent', () => {
    const sent: Step = ['task-sent', { name: 't', queue: 'q', parent_id: 'a', hostname: 'g@c' }];
    expect(after(sent)).toMatchObject({ state: 'queued', worker: null, parentId: null });
    expect(after(sent)).toMatchObject({ sentBy: 'g@c', queue: 'q' });
  });

  it('ST10 ST11 wait and runtime come from the events when the worker says neither', () => {
    const sent: Step = ['task-sent', { name: 't', queue: 'q', hostname: 'g@c' }];
    expect(after(sent, received, started, failed)).toMatchObject({ waitMs: 2000, runtimeMs: 1000 });
    expect(after(received, started, failed)).toMatchObject({ waitMs: 1000 });
  });

  it('ST10 the wait of a retry begins at its eta, also when it was seen with the worker meanwhile', () => {
    const sent: Step = ['task-sent', { name: 't', queue: 'q', hostname: 'g@c' }];
    const eta = new Date(START + 6500).toISOString();
    const sentAgain: Step = ['task-sent', { name: 't', queue: 'q', retries: 1, eta }];
    const again: Step = ['task-received', { name: 't', retries: 1, eta }];
    const steps = [sent, received, started, sentAgain, again, retried];
    expect(after(...steps, started).waitMs).toBe(0);
    const { fold } = createFold();
    steps.forEach(([type, fields], index) => {
      const at = START + index * 1000;
      fold.event(rawEvent(type, at, fields), at);
    });
    const task = fold.tasks.find('a')!;
    const seen = {
      ...{ at: START + 6200, type: 'seen-reserved', hostname: 'w@h', clock: null, pid: null },
      ...{ source: 'inspect' as const, fields: null },
    };
    fold.apply(task, seen, null, seen.at);
    fold.event(rawEvent('task-started', START + 6510, {}), START + 6510);
    expect(task.record.waitMs).toBe(10);
  });
});
