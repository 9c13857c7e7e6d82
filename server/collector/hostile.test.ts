import { expect, it } from 'vitest';
import type { RawEvent } from '../celery/event.ts';
import { createTextRedactor } from '../core/redact-text.ts';
import { MAX_TEXT_CHARS } from './bounds.ts';
import { Fold } from './fold.ts';
import { Ingest } from './ingest.ts';

const NOW = 1_795_349_500_000;

function fold(events: RawEvent[]): Fold {
  const made = new Fold({ load: () => null, metric: () => undefined, redact: null });
  for (const event of events) made.event(event, NOW);
  return made;
}

function taskOf(made: Fold, id = 't') {
  return made.tasks.byId.get(id)!.record;
}

it('EV4 numbers where texts belong are null, never a crash', () => {
  const made = fold([
    {
      type: 'task-received',
      uuid: 't',
      hostname: 5,
      name: {},
      args: 7,
      kwargs: [],
      eta: 3,
      retries: -1,
      clock: 'x',
      pid: null,
    },
  ]);
  expect(taskOf(made)).toMatchObject({
    type: null,
    args: null,
    kwargs: null,
    etaAt: null,
    retries: 0,
    worker: null,
  });
});

it('EV5 a huge text is cut and its size is noted', () => {
  const made = fold([
    { type: 'task-received', uuid: 't', hostname: 'w', args: 'x'.repeat(50_000_000) },
  ]);
  expect(taskOf(made).args).toHaveLength(MAX_TEXT_CHARS);
  expect(taskOf(made).timeline[0]?.fields).toEqual({ cut: { args: 50_000_000 } });
});

it.each([Number.NaN, 1e300, -5, null, '2026'])('EV6 the time %s is not believed', (timestamp) => {
  const made = fold([{ type: 'task-started', uuid: 't', hostname: 'w', timestamp, clock: 4 }]);
  expect(taskOf(made).timeline[0]).toMatchObject({ at: NOW, clock: null });
});

it('EV8 __proto__ as a name, a key or a custom state changes no prototype', () => {
  const raw = JSON.parse(
    '{"type": "task-__proto__", "uuid": "__proto__", "hostname": "__proto__", "__proto__": {"polluted": 1}, "constructor": {"x": 1}}',
  ) as RawEvent;
  const made = fold([raw]);
  expect(taskOf(made, '__proto__').customState).toBe('__PROTO__');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

it('EV9 a task first seen at its end is there with what is known', () => {
  const made = fold([
    {
      type: 'task-succeeded',
      uuid: 't',
      hostname: 'w',
      timestamp: NOW / 1000,
      runtime: 1.5,
      result: '1',
    },
  ]);
  expect(taskOf(made)).toMatchObject({
    state: 'success',
    type: null,
    runtimeMs: 1500,
    waitMs: null,
    worker: 'w',
  });
});

it('EV10 an event without a usable uuid is refused, one of another group is counted as unknown', () => {
  const made = fold([
    { type: 'task-started', uuid: '' },
    { type: 'task-started', uuid: 'x'.repeat(600) },
    { type: 'weather-changed', uuid: 't' },
  ]);
  expect(made.counts).toMatchObject({ rejected: 2, unknown: 1, events: 1 });
  expect(made.tasks.byId.size).toBe(0);
});

it('EV12 half a surrogate pair never reaches a name: no address could carry it', () => {
  const made = fold([
    { type: 'worker-heartbeat', hostname: 'w\ud800' },
    {
      type: 'task-received',
      uuid: 't\udc00',
      hostname: 'w\ud800',
      name: 'n\ud800',
      args: '\ud800',
    },
    { type: 'task-started', uuid: 't\udc00', hostname: `${'x'.repeat(511)}\ud83d\ude00` },
  ]);
  const names = [...made.workers.keys(), ...made.tasks.byId.keys()];
  expect(names).toEqual(['w\ufffd', 'x'.repeat(511), 't\ufffd']);
  expect(taskOf(made, 't\ufffd')).toMatchObject({ type: 'n\ufffd', args: '\ufffd' });
  expect(made.worker('w\ud800', NOW)).toBe(made.workers.get('w\ufffd'));
});

it('RD1 a custom event names a secret field itself', () => {
  const redact = createTextRedactor(['password']);
  const made = new Fold({ load: () => null, metric: () => undefined, redact });
  const secrets = { password: 'hunter2', Password: ['hunter2'], note: "login(password='hunter2')" };
  made.event({ type: 'task-progress', uuid: 't', hostname: 'w', done: 3, ...secrets }, NOW);
  const { fields } = taskOf(made).timeline[0]!;
  const shown = { password: '***', Password: '***', note: "login(password='***')", done: 3 };
  expect(fields).toEqual(shown);
});

it('RD1 the sample of a malformed event is masked', () => {
  const redact = createTextRedactor(['password']);
  const made = new Fold({ load: () => null, metric: () => undefined, redact });
  const ingest = new Ingest(made, { now: () => NOW }, () => undefined);
  const body = Buffer.from(`{"type": "task-received", "kwargs": "{'password': 'hunter2'}", `);
  const format = { contentType: 'application/json', contentEncoding: 'utf-8', compression: null };
  ingest.onEvents({ body, ...format, routingKey: 'task.multi' });
  expect(ingest.malformedCount).toBe(1);
  expect(ingest.lastMalformed).toContain("'password': '***'");
});
