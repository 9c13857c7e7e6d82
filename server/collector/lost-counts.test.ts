import { describe, expect, it } from 'vitest';
import { LostCounts, type LostEvents } from './lost-counts.ts';
import { createFold, rawEvent, START } from './testing/memory-cluster.ts';
import { keepsSteppingBack } from './worker-facts.ts';

/** A worker that starts `started` tasks between two heartbeats, of which `announced` are told. */
function counted() {
  const { fold } = createFold();
  const counts = new LostCounts();
  let processed = 100;
  let second = 0;
  let last = 0;
  const facts = () => fold.worker('w1@test', START)!;
  const beat = (started: number, announced: number): LostEvents | null => {
    second += 2;
    processed += started;
    const at = START + second * 1000;
    for (let count = 0; count < announced; count += 1) {
      last += 1;
      fold.event(rawEvent('task-started', at, { uuid: `t${last}` }), at);
    }
    const fields = { freq: 2, active: 0, processed, loadavg: [0, 0, 0] };
    fold.event(rawEvent('worker-heartbeat', at, { uuid: undefined, ...fields }), at);
    return counts.check(facts());
  };
  return { beat, counts, facts };
}

describe('GA3 events that never came', () => {
  it('says nothing while each start is told, also when heartbeats run ahead or behind', () => {
    const { beat } = counted();
    const losses = [5, 5, 0, 9, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0].map((started) =>
      beat(started, started),
    );
    const late = [4, 0, 4, 0, 4, 0, 0, 0, 0, 0, 0].map((started, index) =>
      beat(started, index % 2 === 1 && index < 6 ? 4 : 0),
    );
    expect([...losses, ...late].every((loss) => loss === null)).toBe(true);
  });

  it('counts what is missing once the difference has come to rest', () => {
    const { beat } = counted();
    for (let index = 0; index < 5; index += 1) beat(2, 2);
    beat(10, 3);
    const told = Array.from({ length: 12 }, () => beat(1, 1)).filter((loss) => loss !== null);
    expect(told).toMatchObject([{ hostname: 'w1@test', count: 7 }]);
  });

  it('says nothing of a worker whose task types announce nothing', () => {
    const { beat } = counted();
    for (let index = 0; index < 5; index += 1) beat(1, 1);
    const silent = Array.from({ length: 60 }, () => beat(2, 1));
    const after = Array.from({ length: 10 }, () => beat(0, 0));
    expect([...silent, ...after].every((loss) => loss === null)).toBe(true);
  });

  it('GA5 counts what was started in a break, when nobody listened', () => {
    const { beat, counts, facts } = counted();
    for (let index = 0; index < 5; index += 1) beat(2, 2);
    counts.bridge(facts());
    beat(50, 0);
    const told = Array.from({ length: 12 }, () => beat(1, 1)).filter((loss) => loss !== null);
    expect(told).toMatchObject([{ hostname: 'w1@test', count: 50, inBreak: true }]);
  });

  it('GA5 says nothing of a break in which all that started was told', () => {
    const { beat, counts, facts } = counted();
    for (let index = 0; index < 5; index += 1) beat(2, 2);
    counts.bridge(facts());
    const told = Array.from({ length: 12 }, () => beat(1, 1));
    expect(told.every((loss) => loss === null)).toBe(true);
  });

  it('begins anew where a worker sent no events for a while', () => {
    const { beat, counts, facts } = counted();
    for (let index = 0; index < 5; index += 1) beat(2, 2);
    counts.interrupt(facts());
    beat(50, 0);
    const told = Array.from({ length: 12 }, () => beat(1, 1));
    expect(told.every((loss) => loss === null)).toBe(true);
  });
});

describe('WK4 two processes with one name and one pid', () => {
  const heartbeat = (processed: number, clock: number, at: number, type = 'worker-heartbeat') =>
    rawEvent(type, at, { uuid: undefined, freq: 2, active: 0, processed, clock });

  it('are noticed by counts that keep stepping back', () => {
    const { fold } = createFold();
    for (let index = 0; index < 8; index += 1) {
      const at = START + index * 1000;
      fold.event(heartbeat(index % 2 === 0 ? 500 : 20, 1000 + index, at), at);
    }
    expect(keepsSteppingBack(fold.worker('w1@test', START)!, START + 8000)).toBe(true);
  });

  it('are not suspected when one restarts again and again', () => {
    const { fold } = createFold();
    for (let index = 0; index < 8; index += 1) {
      const at = START + index * 2000;
      fold.event(heartbeat(0, 1, at, 'worker-online'), at);
      fold.event(heartbeat(5, 90, at + 1000), at + 1000);
    }
    expect(keepsSteppingBack(fold.worker('w1@test', START)!, START + 16_000)).toBe(false);
  });
});
