import { describe, expect, it } from 'vitest';
import { EtaTimer } from './eta-timer.ts';
import type { Fold } from './fold.ts';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';

const eta = (ms: number) => new Date(START + ms).toISOString();

function receive(fold: Fold, uuid: string, etaMs: number): void {
  fold.event(rawEvent('task-received', START, { uuid, name: 't', eta: eta(etaMs) }), START);
}

describe('tasks that wait for their eta', () => {
  it('ST7 a received one turns into received, a sent one into queued, not before', () => {
    const { fold } = createFold();
    const timer = new EtaTimer(fold);
    receive(fold, 'r', 5000);
    fold.event(rawEvent('task-sent', START, { uuid: 's', name: 't', eta: eta(5000) }), START);
    timer.tick(START + 4999);
    const state = (id: string) => fold.tasks.find(id)?.record.state;
    expect([state('r'), state('s')]).toEqual(['scheduled', 'scheduled']);
    timer.tick(START + 5000);
    expect([state('r'), state('s')]).toEqual(['received', 'queued']);
  });

  it('ST14 one that left memory comes back when its eta comes', () => {
    const { fold, stored } = createFold({ maxLiveTasks: 1 });
    const timer = new EtaTimer(fold);
    receive(fold, 'first', 5000);
    receive(fold, 'second', 5000);
    const batch = fold.tasks.takeDirty(10);
    for (const { record } of batch) stored.set(record.id, record);
    fold.tasks.written(batch);
    expect([...fold.tasks.byId.keys()]).toEqual(['second']);
    timer.tick(START + 4000);
    expect(fold.tasks.byId.has('first')).toBe(false);
    timer.tick(START + 15_000);
    expect(stored.get('first')?.state).toBe('received');
    expect(fold.tasks.takeDirty(10).map((live) => live.record.id)).toContain('first');
  });
});
