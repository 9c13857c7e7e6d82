import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '@/lib/contract/task.ts';
import { placeSegments, segmentLabel, toSegments } from './attempts.ts';
import { toPythonCall } from './copy-as.ts';
import { ownFields, toEventRows } from './event-rows.ts';
import { toHeadline, toSpan } from './headline.ts';
import { toProgress } from './progress.ts';
import { exceptionName, ownFrames, parseTraceback } from './traceback.ts';

const entry = (at: number, type: string, hostname = 'w1', fields = {}): TimelineEntry => ({
  at,
  type,
  hostname,
  clock: null,
  pid: null,
  source: 'event',
  fields,
});

const task = {
  timeline: [] as TimelineEntry[],
  queue: 'emails',
  etaAt: null,
  sentAt: 0,
  receivedAt: null,
  startedAt: null as number | null,
  finishedAt: null as number | null,
  state: 'failure' as const,
  customState: null,
  worker: 'w1',
  retries: 0,
  revoking: false,
};

const threeAttempts = [
  entry(0, 'task-sent', 'gen1@web'),
  entry(1000, 'task-received'),
  entry(1100, 'task-started'),
  entry(2000, 'task-retried'),
  entry(2010, 'task-received', 'w2'),
  entry(7000, 'task-started', 'w2'),
  entry(8000, 'task-failed', 'w2'),
];

describe('toSegments', () => {
  it('draws the queue, the worker that holds it, every attempt and the waits between', () => {
    const segments = toSegments({ ...task, timeline: threeAttempts });
    expect(segments.map((one) => [one.label, one.startAt, one.endAt, one.state])).toEqual([
      ['queued in emails', 0, 1000, 'queued'],
      ['held by a worker', 1000, 1100, 'received'],
      ['attempt 1', 1100, 2000, 'retry'],
      ['waiting to retry', 2000, 7000, 'retry'],
      ['attempt 2', 7000, 8000, 'failure'],
    ]);
    expect(segments[4]?.worker).toBe('w2');
  });

  it('does not give the eta of a retry to the attempt before it', () => {
    const segments = toSegments({ ...task, etaAt: 7000, timeline: threeAttempts });
    expect(segments[1]).toMatchObject({ label: 'held by a worker', state: 'received' });
    const first = toSegments({ ...task, etaAt: 7000, timeline: threeAttempts.slice(0, 2) });
    expect(first[1]).toMatchObject({ label: 'held until its time', state: 'scheduled' });
  });

  it('begins an attempt that nobody saw starting by its runtime', () => {
    const segments = toSegments({
      ...task,
      timeline: [entry(5000, 'task-succeeded', 'w1', { runtime: 1.5 })],
    });
    expect(segments).toMatchObject([
      { label: 'attempt 1', startAt: 3500, endAt: 5000, state: 'success' },
    ]);
  });

  it('knows no length of an attempt whose start and runtime nobody told', () => {
    const told = {
      ...task,
      timeline: [entry(0, 'task-sent', 'gen1@web'), entry(114, 'task-failed', 'w1')],
      finishedAt: 114,
    };
    const segments = toSegments(told);
    expect(segments).toMatchObject([
      { kind: 'queued', endAt: 114 },
      { kind: 'attempt', startAt: 114, endAt: 114, state: 'failure', isUntimed: true },
    ]);
    expect(toSpan(told, segments, 200)).toMatchObject({ wholeMs: 114, runningMs: null });
    expect(toHeadline(told, segments, 200)).toBe('failed; nobody told that it started');
  });

  it('knows that a task runs from inspect and from events of its own', () => {
    const sent = entry(0, 'task-sent', 'gen1@web');
    const active = toSegments({ ...task, timeline: [sent, entry(500, 'seen-active')] });
    expect(active.map((one) => [one.label, one.endAt])).toEqual([
      ['queued in emails', 500],
      ['attempt 1', null],
    ]);
    const progress = [400, 600, 800].map((at) => entry(at, 'task-progress'));
    expect(toSegments({ ...task, timeline: [sent, ...progress] })[1]).toMatchObject({
      ...{ label: 'attempt 1', startAt: 400, endAt: null },
    });
    const late = toSegments({
      ...task,
      timeline: [...threeAttempts, entry(8001, 'task-progress')],
    });
    expect(late).toHaveLength(5);
  });

  it('ends with what its result told, where no event did', () => {
    const timeline = [
      entry(0, 'task-sent', 'gen1@web'),
      entry(500, 'seen-active'),
      entry(900, 'found', 'w1', { status: 'SUCCESS' }),
    ];
    const ended = { ...task, state: 'success' as const, finishedAt: 900, timeline };
    expect(toSegments(ended).at(-1)).toMatchObject({
      ...{ label: 'attempt 1', startAt: 500, endAt: 900, state: 'success' },
    });
  });

  it('says who holds it, once that is known', () => {
    const flight = { ...entry(100, 'seen-in-flight'), hostname: null };
    const [, held] = toSegments({
      ...task,
      timeline: [entry(0, 'task-sent'), flight, entry(900, 'seen-reserved', 'w3')],
    });
    expect(held).toMatchObject({ startAt: 100, worker: 'w3' });
    expect(held && segmentLabel(held)).toBe('held by w3');
  });

  it('leaves what lasts open, and ends a wait with a revoke', () => {
    expect(toSegments({ ...task, timeline: threeAttempts.slice(0, 3) }).at(-1)?.endAt).toBeNull();
    const revoked = toSegments({
      ...task,
      timeline: [...threeAttempts.slice(0, 5), entry(3000, 'task-revoked')],
    });
    expect(revoked.at(-1)).toMatchObject({ kind: 'waiting', endAt: 3000, state: 'revoked' });
  });

  it('never lets clocks that disagree make a negative stretch', () => {
    const segments = toSegments({
      ...task,
      timeline: [entry(500, 'task-started'), entry(400, 'task-succeeded', 'w1', { runtime: 9 })],
    });
    for (const one of segments) expect(one.endAt ?? Infinity).toBeGreaterThanOrEqual(one.startAt);
  });
});

describe('placeSegments', () => {
  it('keeps the scale, and lets an open stretch reach now', () => {
    const placed = placeSegments(
      toSegments({ ...task, timeline: threeAttempts.slice(0, 3) }),
      2000,
    );
    expect(placed.map((one) => [one.left, one.width])).toEqual([
      [0, 0.5],
      [0.5, 0.05],
      [0.55, 0.45],
    ]);
    expect(placeSegments([], 5)).toEqual([]);
  });
});

describe('headline', () => {
  const segments = toSegments({ ...task, timeline: threeAttempts });

  it('says the state in words', () => {
    expect(toHeadline({ ...task, startedAt: 7000 }, segments, 9000)).toBe(
      'failed after 2 attempts',
    );
    expect(toHeadline({ ...task, state: 'queued' }, [], 4000)).toBe(
      'waiting in emails for 4.00 s; no worker has it yet',
    );
    expect(toHeadline({ ...task, state: 'started', startedAt: 1000, retries: 1 }, [], 4000)).toBe(
      'running, attempt 2 for 3.00 s',
    );
  });

  it('does not call a task that waits for its next attempt new', () => {
    const waiting = segments.slice(0, 4);
    expect(toHeadline({ ...task, state: 'received', receivedAt: 2010 }, waiting, 4010)).toBe(
      'received again for attempt 2, not started for 2.00 s',
    );
  });

  it('adds up the running time', () => {
    expect(toSpan({ ...task, finishedAt: 8000 }, segments, 9000)).toEqual({
      fromAt: 0,
      toAt: 8000,
      wholeMs: 8000,
      runningMs: 1900,
    });
  });
});

describe('traceback', () => {
  const text = `Traceback (most recent call last):
  File "/venv/lib/python3.12/site-packages/celery/app/trace.py", line 453, in trace_task
    R = retval = fun(*args, **kwargs)
  File "/venv/lib/python3.12/site-packages/celery/app/trace.py", line 736, in __protected_call__
    return self.run(*args, **kwargs)
  File "shop/mail.py", line 18, in send
    with smtplib.SMTP(host) as smtp:
         ~~~~~~~~~~~~^^^^^^
smtplib.SMTPServerDisconnected: <b>closed</b>
`;

  it('knows frames of the application from frames of libraries', () => {
    const parts = parseTraceback(text);
    expect(parts.filter((part) => part.type === 'frame')).toMatchObject([
      { isLibrary: true },
      { isLibrary: true },
      {
        isLibrary: false,
        file: 'shop/mail.py',
        line: '18',
        name: 'send',
        source: ['with smtplib.SMTP(host) as smtp:', '     ~~~~~~~~~~~~^^^^^^'],
      },
    ]);
    expect(parts.at(-1)).toEqual({
      type: 'error',
      text: 'smtplib.SMTPServerDisconnected: <b>closed</b>',
    });
    expect(ownFrames(parts)[1]).toEqual({ type: 'skipped', count: 2 });
  });

  it('keeps what it does not understand', () => {
    expect(parseTraceback('what is this')).toEqual([{ type: 'text', text: 'what is this' }]);
    expect(exceptionName("smtplib.SMTPServerDisconnected('x')")).toBe('SMTPServerDisconnected');
    expect(exceptionName(null)).toBeNull();
  });

  it('reads frames of node', () => {
    const [, frame] = parseTraceback('Error: no\n    at run (/app/tasks.ts:12:5)');
    expect(frame).toMatchObject({ type: 'frame', file: '/app/tasks.ts', line: '12', name: 'run' });
  });
});

describe('toPythonCall', () => {
  it('does not pass off a cut argument as the argument', () => {
    const call = toPythonCall({
      type: "mail.'send'",
      argsText: { text: '(1, 2)', fidelity: 'exact', source: 'message', sizeBytes: 6 },
      kwargsText: { text: "{'a': '…", fidelity: 'shortened', source: 'event', sizeBytes: null },
      queue: 'emails',
      priority: null,
    });
    expect(call).toBe(
      "# kwargs: shortened, seen as {'a': '…\napp.send_task('mail.\\'send\\'', args=(1, 2), queue='emails')",
    );
  });
});

describe('toEventRows', () => {
  const said = [0, 1, 2, 3, 4].map((done) => entry(200 + done, 'task-progress', 'w1', { done }));
  const story = [entry(0, 'task-received'), ...said, entry(300, 'task-succeeded')];

  it('folds what a task says again and again, and opens it', () => {
    const rows = toEventRows(story, false);
    expect(rows.map((row) => (row.type === 'fact' ? row.entry.at : row.count))).toEqual([
      ...[0, 200, 3, 204, 300],
    ]);
    expect(rows.at(-1)).toMatchObject({ afterMs: 96 });
    expect(toEventRows(story, true)).toHaveLength(story.length);
  });

  it('never folds what tells of a change', () => {
    const again = [0, 1, 2, 3, 4].map((at) => entry(at, 'task-received'));
    expect(toEventRows(again, false)).toHaveLength(5);
    expect(toEventRows(said.slice(0, 3), false)).toHaveLength(3);
  });

  it('shows what an event of its own carries', () => {
    expect(ownFields(entry(0, 'task-progress', 'w1', { done: 3, at: 'x y' }))).toBe(
      'done=3 at=x y',
    );
    expect(ownFields(entry(0, 'task-succeeded', 'w1', { result: '1' }))).toBeNull();
  });
});

describe('toProgress', () => {
  it('reads how far a task is from the words that applications use', () => {
    expect(toProgress({ current: 21, total: 40 })).toEqual({ done: 21, total: 40, share: 0.525 });
    expect(toProgress({ done: 9, total: 3 })).toMatchObject({ share: 1 });
    expect(toProgress({ percent: 12.5 })).toEqual({ done: null, total: null, share: 0.125 });
  });

  it('draws nothing that was not told', () => {
    const odd = [null, 'half', [1, 2], {}, { current: 1 }, { current: 1, total: 0 }];
    for (const meta of [...odd, { current: '1', total: 2 }, { current: -1, total: 2 }]) {
      expect(toProgress(meta)).toBeNull();
    }
  });
});
