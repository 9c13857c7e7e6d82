import { expect, it } from 'vitest';
import { BlindSpans } from './blind-spans.ts';
import { livenessOf } from './liveness.ts';
import { createWorkerFacts, foldWorkerEvent, hasTwoPids } from './worker-facts.ts';

const OPTIONS = { offlineAfterMs: 30_000 };
const T0 = 1_795_349_477_000;

function heartbeat(type = 'worker-heartbeat', pid = 7, at = T0) {
  return {
    type,
    pid,
    freq: 2,
    active: 1,
    processed: 5,
    timestamp: at / 1000,
    sw_ident: 'py-celery',
  };
}

function worker() {
  const facts = createWorkerFacts('w@h', T0);
  foldWorkerEvent(facts, heartbeat(), T0);
  return facts;
}

it('WK1 online until twice its heartbeat and two seconds passed, then late, then offline', () => {
  const facts = worker();
  expect(livenessOf(facts, null, OPTIONS, T0 + 6000).state).toBe('online');
  expect(livenessOf(facts, null, OPTIONS, T0 + 6001).state).toBe('late');
  expect(livenessOf(facts, null, OPTIONS, T0 + 30_000).state).toBe('late');
  expect(livenessOf(facts, null, OPTIONS, T0 + 30_001)).toMatchObject({
    state: 'offline',
    since: T0,
  });
});

it('WK2 late but busy when task events or answers still come', () => {
  const facts = worker();
  facts.lastSeenAt = T0 + 39_000;
  const late = livenessOf(facts, null, OPTIONS, T0 + 40_000);
  expect(late.state).toBe('late');
  expect(late.reason).toMatch(/^Busy: no heartbeat for 40 s, last seen 1 s ago$/);
});

it('WK3 offline at once when it says so, online again with the next heartbeat', () => {
  const facts = worker();
  foldWorkerEvent(facts, heartbeat('worker-offline'), T0 + 1000);
  expect(livenessOf(facts, null, OPTIONS, T0 + 1000).state).toBe('offline');
  foldWorkerEvent(facts, heartbeat(), T0 + 2000);
  expect(livenessOf(facts, null, OPTIONS, T0 + 2000).state).toBe('online');
});

it('WK4 two processes with one hostname are told from a restart', () => {
  const restarted = worker();
  for (const at of [4, 6, 8])
    foldWorkerEvent(restarted, heartbeat('worker-heartbeat', 8), T0 + at * 1000);
  expect(hasTwoPids(restarted, T0 + 8000)).toBe(false);
  const doubled = worker();
  for (const at of [1, 2, 3, 4]) {
    foldWorkerEvent(doubled, heartbeat('worker-heartbeat', at % 2 === 0 ? 7 : 8), T0 + at * 1000);
  }
  expect(hasTwoPids(doubled, T0 + 4000)).toBe(true);
});

it('WK14 silence while Umbel heard nobody is none of the worker’s: it is judged as when the connection was lost', () => {
  const facts = worker();
  const blind = new BlindSpans();
  blind.hears(true, T0);
  blind.hears(false, T0 + 2000);
  blind.hears(false, T0 + 3000);
  const state = (at: number) => livenessOf(facts, null, OPTIONS, at, blind).state;
  expect(state(T0 + 600_000)).toBe('online');
  blind.hears(true, T0 + 600_000);
  expect(state(T0 + 604_000)).toBe('online');
  expect(state(T0 + 604_001)).toBe('late');
  expect(livenessOf(facts, null, OPTIONS, T0 + 628_001, blind)).toMatchObject({
    state: 'offline',
    reason: 'Nothing heard for 30 s',
  });

  const silent = worker();
  const before = livenessOf(silent, null, OPTIONS, T0 + 31_000, new BlindSpans());
  const later = new BlindSpans();
  later.hears(false, T0 + 31_000);
  expect(before.state).toBe('offline');
  expect(livenessOf(silent, null, OPTIONS, T0 + 90_000, later).state).toBe('offline');
});

it('WK5 a heartbeat on request does not change the rhythm', () => {
  const facts = worker();
  foldWorkerEvent(facts, { type: 'worker-heartbeat', pid: 7, freq: 5, timestamp: T0 / 1000 }, T0);
  expect(facts).toMatchObject({ heartbeatMs: 2000, active: 1, processed: 5 });
});
