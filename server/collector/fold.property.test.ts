import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RawEvent } from '../celery/event.ts';
import type { TaskRecord } from '../store/task-record.ts';
import { Fold } from './fold.ts';

const START = 1_795_349_477;
const HOSTS = ['a@one', 'b@two', 'c@three'];
const OUTCOMES = ['succeeded', 'failed', 'revoked', 'rejected', 'cancelled', 'started'] as const;

type Attempt = { worker: number; progress: number; replaced: boolean; eta: boolean };

/** What one task's processes announce, in the order of time. */
function story(attempts: Attempt[], outcome: string, steps: number[]): RawEvent[] {
  const events: RawEvent[] = [];
  const clocks = new Map<string, number>();
  let at = START;
  let step = 0;
  const add = (hostname: string, pid: number, type: string, fields: object = {}): void => {
    at += (steps[step % steps.length] ?? 1) / 1_000_000;
    step += 1;
    const process = `${hostname}/${pid}`;
    const clock = (clocks.get(process) ?? 0) + 1;
    clocks.set(process, clock);
    events.push({ hostname, pid, clock, uuid: 't1', timestamp: at, type, ...fields });
  };
  attempts.forEach((attempt, retries) => {
    const worker = HOSTS[attempt.worker] ?? 'a@one';
    const before = HOSTS[attempts[retries - 1]?.worker ?? 0] ?? 'a@one';
    const eta = attempt.eta ? new Date((at + 0.5) * 1000).toISOString() : null;
    const about = {
      name: attempt.replaced ? 'other' : 'demo.add',
      args: `(${retries},)`,
      kwargs: '{}',
      retries,
      eta,
      root_id: 't1',
      parent_id: retries > 0 ? 't1' : null,
    };
    const sender = retries === 0 ? 'gen1@client' : `gen9@${before}`;
    add(sender, 9, 'task-sent', { ...about, queue: 'celery', exchange: '', routing_key: 'celery' });
    add(worker, 1, 'task-received', about);
    add(worker, 1, 'task-started');
    for (let done = 0; done < attempt.progress; done += 1)
      add(worker, 2, 'task-progress', { done });
    if (retries < attempts.length - 1) {
      add(worker, 1, 'task-retried', { exception: `E(${retries})`, traceback: `T${retries}` });
    } else if (outcome !== 'started') {
      add(worker, 1, `task-${outcome}`, {
        result: "'ok'",
        runtime: 0.5,
        exception: 'Final()',
        traceback: 'T',
        requeue: false,
      });
    }
  });
  return events;
}

/** Any merge of the processes' own sequences. */
function interleave(events: RawEvent[], choices: number[]): RawEvent[] {
  const streams = new Map<string, RawEvent[]>();
  for (const event of events) {
    const process = `${String(event['hostname'])}/${String(event['pid'])}`;
    streams.set(process, [...(streams.get(process) ?? []), event]);
  }
  const left = [...streams.values()].map((stream) => [...stream]);
  const merged: RawEvent[] = [];
  for (let turn = 0; merged.length < events.length; turn += 1) {
    const open = left.filter((stream) => stream.length > 0);
    const next = open[(choices[turn % choices.length] ?? 0) % open.length]?.shift();
    if (next !== undefined) merged.push(next);
  }
  return merged;
}

function foldAll(events: readonly RawEvent[]): TaskRecord {
  const fold = new Fold({ load: () => null, metric: () => undefined, redact: null });
  const now = (START + 3600) * 1000 - 1;
  for (const event of events) expect(fold.event({ ...event }, now)).toBe(true);
  return fold.tasks.byId.get('t1')!.record;
}

const attempts = fc.array(
  fc.record({
    worker: fc.nat(2),
    progress: fc.nat(2),
    replaced: fc.boolean(),
    eta: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

it('EV2 any interleaving that keeps the order of each process folds to the same end state', () => {
  fc.assert(
    fc.property(
      attempts,
      fc.constantFrom(...OUTCOMES),
      fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
      (made, outcome, steps, choices) => {
        const events = story(made, outcome, steps);
        expect(foldAll(interleave(events, choices))).toEqual(foldAll(events));
      },
    ),
    { numRuns: 400 },
  );
});

it('EV3 duplicates anywhere change nothing', () => {
  fc.assert(
    fc.property(
      attempts,
      fc.constantFrom(...OUTCOMES),
      fc.nat(20),
      fc.nat(20),
      (made, outcome, which, where) => {
        const events = story(made, outcome, [1000, 70_000]);
        const source = which % events.length;
        const copy = events[source]!;
        const at = source + 1 + (where % (events.length - source));
        const doubled = [...events.slice(0, at), copy, ...events.slice(at)];
        expect(foldAll(doubled)).toEqual(foldAll(events));
      },
    ),
    { numRuns: 200 },
  );
});
