import { describe, expect, it } from 'vitest';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';

describe('ST9 descriptions of a task', () => {
  const told = (args: string, at: number, hostname = 'w1@test') =>
    rawEvent('task-received', at, { hostname, name: 't', args, kwargs: '{}' });

  it('the later one of two processes wins, whichever arrives first', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { fold } = createFold();
      const events = [told("('old',)", START), told("('new',)", START + 1000, 'w2@test')];
      for (const index of order) fold.event(events[index]!, START + 2000);
      expect(fold.tasks.find('a')?.record.args).toBe("('new',)");
    }
  });

  it('exact arguments are never replaced by event text', () => {
    const { fold } = createFold();
    fold.event(told("('exact',)", START), START);
    const live = fold.tasks.find('a')!;
    live.record.argsExact = true;
    fold.event(told("('sho...", START + 1000), START + 1000);
    expect(live.record).toMatchObject({ args: "('exact',)", argsExact: true });
  });
});
