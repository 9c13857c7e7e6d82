import { expect, it } from 'vitest';
import { createTaskRecord } from '../store/task-record.ts';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';

const ended = (id: string) => ({ ...createTaskRecord(id, START), state: 'success' as const });

it('an ended task that was only looked at leaves memory with the next commit', () => {
  const { fold, stored } = createFold();
  for (let n = 0; n < 100; n += 1) stored.set(`t${n}`, ended(`t${n}`));
  for (const id of stored.keys()) fold.tasks.take(id, START);
  fold.event(rawEvent('task-received', START, { uuid: 'open', name: 't' }), START);
  expect(fold.tasks.byId.size).toBe(101);
  fold.tasks.written(fold.tasks.takeDirty(1000));
  expect([...fold.tasks.byId.keys()]).toEqual(['open']);
});

it('one with news stays until that is written, and what goes on stays', () => {
  const { fold, stored } = createFold();
  for (const id of ['told', 'again']) stored.set(id, ended(id));
  fold.tasks.touch(fold.tasks.take('told', START));
  const again = fold.tasks.take('again', START);
  again.record.state = 'started';
  fold.tasks.touch(again);
  const batch = fold.tasks.takeDirty(1000);
  expect(batch.map((live) => live.record.id)).toEqual(['told', 'again']);
  fold.tasks.written(batch);
  expect([...fold.tasks.byId.keys()]).toEqual(['again']);
});
