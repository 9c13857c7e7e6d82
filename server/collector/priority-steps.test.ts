import { expect, it } from 'vitest';
import { unreadSteps } from './priority-steps.ts';
import { createFold, START } from './testing/memory-cluster.ts';
import { WorkerBook } from './worker-book.ts';

function workerWith(conf: Record<string, unknown> | null) {
  const book = new WorkerBook(createFold().fold, { offlineAfterMs: 30_000 });
  const entry = book.entry('w1@test', START);
  if (entry === null) throw new Error('no worker');
  entry.sections = { ...entry.sections, conf: { value: conf, readAt: START, reason: null } };
  return [entry];
}
const steps = (priority_steps: unknown) =>
  workerWith({ broker_transport_options: { priority_steps } });

it('QU7 says which lists are not read, and with what they would be', () => {
  expect(unreadSteps(steps([0, 1, 9]), [0, 3, 6, 9])).toBe(
    'w1@test has priority_steps 0,1,9, and only the lists of 0,3,6,9 are read: start Umbel with --priority-steps 0,1,3,6,9',
  );
});

it.each([
  ['the same steps', steps([0, 3, 6, 9])],
  ['fewer steps', steps([0, 9])],
  ['no settings yet', workerWith(null)],
  ['settings of another kind', steps('many')],
  ['none set', workerWith({})],
])('QU7 says nothing of a worker with %s', (_name, entries) => {
  expect(unreadSteps(entries, [0, 3, 6, 9])).toBeNull();
});

it('QU7 says nothing where priorities are no lists', () => {
  expect(unreadSteps(steps([0, 1]), null)).toBeNull();
});
