// What every store must do, whatever database is behind it: runs on pairs of a writer and a reader.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  TASK_SORTS,
  TASK_STATES,
  type TaskPage,
  type TaskState,
} from '../../lib/contract/index.ts';
import { filterFor } from '../../lib/filter/stringify.ts';
import type { MetricFact, RetentionOptions, StoreReader, StoreWriter } from './store.ts';
import { createTaskRecord, type TaskRecord } from './task-record.ts';

export type StorePair = {
  writer: StoreWriter;
  reader: StoreReader;
  /** Closes the writer and opens the same store again. */
  reopen(retention?: Partial<RetentionOptions>): StoreWriter;
  close(): Promise<void>;
};

const NOW = Date.UTC(2026, 10, 22, 12);

export function describeStore(name: string, open: () => StorePair): void {
  describe(name, { timeout: 30_000 }, () => {
    let pair: StorePair;
    beforeEach(() => {
      pair = open();
    });
    afterEach(() => pair.close());

    const list = (q: string, more: object = {}): Promise<TaskPage> =>
      pair.reader.listTasks({ q, range: 'all', sort: '-updated', limit: 50, now: NOW, ...more });
    const ids = async (q: string): Promise<string[]> =>
      (await list(q, { limit: 500 })).items.map(({ id }) => id).sort();

    it('keeps every field of a record', async () => {
      const record = task(1, {
        customState: 'PROGRESS',
        state: 'started',
        revoking: true,
        workerPid: 7,
        exchange: 'x',
        routingKey: 'r',
        priority: 3,
        sentBy: 'gen1@h',
        sentAt: NOW - 9.5,
        startedAt: NOW - 3,
        etaAt: NOW + 5,
        expiresAt: NOW + 6,
        waitMs: 1.5,
        runtimeMs: 2.5,
        retries: 2,
        kwargs: '{}',
        argsSource: 'message',
        argsExact: true,
        result: 'r'.repeat(5000),
        exception: 'E()',
        traceback: 'Traceback',
        parentId: randomUUID(),
        groupId: 'g',
        retryOfId: 'old',
        retriedAsIds: ['new'],
        messageParts: '{"chain":null}',
        stateClock: 12,
        timelineDropped: 1,
      });
      record.rootId = record.id;
      const fact = { at: NOW, clock: 1, pid: 2, fields: { a: 1 } };
      record.timeline = [
        { ...fact, type: 'task-received', hostname: record.worker, source: 'event' },
        { ...fact, type: 'lost', hostname: null, source: 'inspect', fields: null },
      ];
      const summary = pair.writer.commit({ tasks: [record], now: NOW });
      expect(summary).toMatchObject({ newCount: 1, changedCount: 0, tasksStored: 1 });
      expect(record.rowId).toBeGreaterThan(0);
      expect(pair.writer.loadTasks([record.id, 'absent'])).toEqual(new Map([[record.id, record]]));
      expect(await pair.reader.getTaskRecords([record.id])).toEqual([record]);
      expect(await pair.reader.getTask(record.id)).toMatchObject({
        id: record.id,
        rootId: record.id,
      });
      expect(pair.reopen().loadUnfinished(10)).toEqual([record]);
    });

    it('counts what lists hold, before and after changes', async () => {
      const records = Array.from({ length: 120 }, (_, n) => task(n));
      pair.writer.commit({ tasks: records, now: NOW });
      const [lost] = records;
      if (lost === undefined) throw new Error('no record');
      lost.state = 'lost';
      pair.writer.commit({ tasks: [lost], now: NOW });
      const changed = records.slice(0, 40);
      for (const record of changed) {
        record.state = 'revoked';
        record.worker = 'other@host';
      }
      const summary = pair.writer.commit({ tasks: changed, now: NOW });
      expect(summary).toMatchObject({ newCount: 0, changedCount: 40, tasksStored: 120 });
      const byState = await pair.reader.countsByState();
      for (const state of TASK_STATES) {
        const page = await list(`state:${state}`, { limit: 500 });
        expect([state, page.items.length, page.total]).toEqual([
          state,
          byState[state],
          byState[state],
        ]);
      }
      for (const [dimension, field] of [
        ['type', 'name'],
        ['worker', 'worker'],
        ['queue', 'queue'],
      ] as const) {
        for (const { value, count } of await pair.reader.countsBy(dimension)) {
          const page = await list(filterFor(field, value), { limit: 500 });
          expect([value, page.items.length, page.total]).toEqual([value, count, count]);
        }
        const revoked = await pair.reader.countsBy(dimension, 'revoked');
        const known = records.filter((r) => r.state === 'revoked' && r[dimension] !== null);
        expect(revoked.reduce((sum, { count }) => sum + count, 0)).toBe(known.length);
      }
    });

    it('pages through all in every order', async () => {
      const records = Array.from({ length: 75 }, (_, n) => task(n));
      pair.writer.commit({ tasks: records, now: NOW });
      for (const sort of TASK_SORTS.flatMap((name) => [name, `-${name}`])) {
        const seen: string[] = [];
        for (let cursor: string | undefined; ;) {
          const page = await list('', {
            sort,
            limit: 20,
            ...(cursor === undefined ? {} : { cursor }),
          });
          seen.push(...page.items.map(({ id }) => id));
          expect(page.total).toBe(75);
          if (page.nextCursor === null) break;
          cursor = page.nextCursor;
        }
        expect([sort, new Set(seen).size, seen.length]).toEqual([sort, 75, 75]);
        const whole = await list('', { sort, limit: 500 });
        expect(seen).toEqual(whole.items.map(({ id }) => id));
      }
    });

    it.each(['nonsense', '', 'bnVsbA', Buffer.from('["-updated",{},1]').toString('base64url')])(
      'refuses the cursor %j',
      async (cursor) => {
        await expect(list('', { cursor })).rejects.toMatchObject({ code: 'bad_request' });
      },
    );

    it('refuses a filter that cannot be read', async () => {
      await expect(list('state:nope')).rejects.toMatchObject({ code: 'bad_request' });
    });

    it('finds what the filter says', async () => {
      const a = task(1, {
        type: 'mail.send',
        state: 'failure',
        exception: "ValueError('Ärger')",
        runtimeMs: 6000,
      });
      const b = task(2, {
        type: 'mail.read',
        state: 'success',
        args: "('100%_x',)",
        runtimeMs: 10,
        retries: 3,
      });
      const c = task(3, {
        type: 'noise',
        state: 'started',
        args: '(1,)',
        runtimeMs: null,
        revoking: true,
        parentId: a.id,
      });
      c.rootId = a.id;
      a.rootId = a.id;
      pair.writer.commit({ tasks: [a, b, c], now: NOW });
      const expected: [string, TaskRecord[]][] = [
        ['name:mail.*', [a, b]],
        ['name:mail', []],
        ['-name:noise', [a, b]],
        ['runtime:>5s', [a]],
        ['runtime:5ms..1s', [b]],
        ['-runtime:>5s', [b, c]],
        ['retries:>=2 OR is:revoking', [b, c]],
        ['has:exception', [a]],
        ['äRGER', [a]],
        ['mail', [a, b]],
        ['100%_', [b]],
        ['%', [b]],
        ['"100__x"', []],
        ['args:100%', [b]],
        ['args:*00?_x*', [b]],
        [`root:${a.id}`, [a, c]],
        [`parent:${a.id}`, [c]],
        [`id:${b.id}`, [b]],
        [b.id.slice(3, 20), [b]],
        ['state:failed,STARTED', [a, c]],
        ['nothing', []],
        ['is:unfinished', [c]],
        ['received:<1d', [a, b, c]],
        ['received:>1d', []],
      ];
      for (const [q, records] of expected) {
        expect([q, await ids(q)]).toEqual([q, records.map(({ id }) => id).sort()]);
      }
    });

    it('finds words in blocks, in later texts and in long texts', async () => {
      const records = Array.from({ length: 1500 }, (_, n) =>
        task(n, { state: 'success', args: `('word${n}', 'often')` }),
      );
      for (let at = 0; at < records.length; at += 400) {
        pair.writer.commit({ tasks: records.slice(at, at + 400), now: NOW });
      }
      const [first, second] = records;
      if (first === undefined || second === undefined) throw new Error('no records');
      first.result = 'told later';
      second.args = `${'x'.repeat(3000)} hidden ${'y'.repeat(3000)}`;
      pair.writer.commit({ tasks: [first, second], now: NOW });
      expect(await ids('word777')).toEqual([records[777]?.id]);
      expect(await ids('"told later"')).toEqual([first.id]);
      expect(await ids('hidden')).toEqual([second.id]);
      expect(await ids('word1')).not.toContain(second.id);
      const seen = new Set<string>();
      for (let cursor: string | undefined; ;) {
        const page = await list('often', {
          limit: 400,
          ...(cursor === undefined ? {} : { cursor }),
        });
        for (const { id } of page.items) seen.add(id);
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect(seen.size).toBe(1499);
    });

    it('takes hostile text as text', async () => {
      const texts = [
        '__proto__',
        '<script>alert(1)</script>',
        "'; DROP TABLE task; --",
        'a\u0000b',
        'lone \ud800 half',
        'z'.repeat(1_000_000),
      ];
      const records = texts.map((text, n) =>
        task(n, {
          id: text.slice(0, 200),
          type: text.slice(0, 500),
          worker: text.slice(0, 300),
          args: text,
          result: text,
          state: 'success',
        }),
      );
      pair.writer.commit({ tasks: records, now: NOW });
      expect((await list('')).total).toBe(texts.length);
      for (const [n, text] of texts.entries()) {
        const record = records[n];
        const found = pair.writer.loadTasks([text.slice(0, 200)]).get(text.slice(0, 200));
        expect(found?.rowId).toBe(record?.rowId);
        expect((await pair.reader.getTask(text.slice(0, 200)))?.argsText.text).toHaveLength(
          text.length,
        );
        expect((await list(filterFor('name', text.slice(0, 500)))).total).toBe(1);
      }
      expect(await ids(filterFor('args', 'DROP TABLE'))).toEqual(["'; DROP TABLE task; --"]);
    });

    it('adds up metrics over commits and restarts', async () => {
      const fact = {
        at: NOW - 1000,
        outcome: 'success',
        type: 't',
        queue: 'q',
        worker: 'w',
        waitMs: 100,
      } as const;
      pair.writer.addMetric({ ...fact, runtimeMs: 1000 });
      pair.writer.commit({ now: NOW });
      const writer = pair.reopen();
      writer.addMetric({ ...fact, runtimeMs: 2000, outcome: 'failure' });
      writer.commit({
        now: NOW + 5000,
        gaps: [
          {
            startedAt: NOW - 300_000,
            endedAt: NOW - 240_000,
            cause: 'stopped',
            detail: '',
            lostCount: null,
          },
        ],
      });
      const query = {
        from: NOW - 600_000,
        to: NOW + 60_000,
        bucketMs: 60_000,
        by: 'type',
        key: 't',
      } as const;
      const series = await pair.reader.metrics(query);
      expect(series.totals).toMatchObject({
        executed: 2,
        success: 1,
        failure: 1,
        failedShare: 0.5,
      });
      expect(series.totals.runtimeP95Ms).toBeCloseTo(2000, -2);
      expect(series.buckets.filter(({ observed }) => !observed)).toHaveLength(1);
      expect(series.buckets.filter(({ runtimeP50Ms }) => runtimeP50Ms !== null)).toHaveLength(1);
      const [total] = await pair.reader.metricTotals({ ...query, by: 'worker' });
      expect(total).toMatchObject({ key: 'w', success: 1, failure: 1 });
      const [cumulative] = await pair.reader.metricHistogram({
        by: 'queue',
        bounds: [0.5, 1.5, 5],
      });
      expect(cumulative).toMatchObject({
        key: 'q',
        runtimeCounts: [0, 1, 2],
        runtimeSumSeconds: 3,
      });
    });

    it('UN2 removes the oldest finished tasks first, those that ended unseen among them', async () => {
      const stateOf = (n: number): TaskState =>
        n < 10 ? 'started' : n < 20 ? 'unseen' : 'success';
      const records = Array.from({ length: 100 }, (_, n) =>
        task(n, { state: stateOf(n), updatedAt: NOW - 100_000 + n }),
      );
      pair.writer.commit({ tasks: records, now: NOW });
      expect((await list('is:unfinished', { limit: 500 })).total).toBe(10);
      const writer = pair.reopen({ maxTasks: 30 });
      while (writer.retentionStep(NOW) > 0);
      const left = await pair.reader.countsByState();
      expect([left.started, left.unseen, left.success, writer.stats().tasksStored]).toEqual([
        10, 0, 20, 30,
      ]);
      expect((await list('', { limit: 500 })).items).toHaveLength(30);
      expect(writer.loadTasks(records.slice(10, 80).map(({ id }) => id)).size).toBe(0);
      expect(writer.loadTasks(records.slice(80).map(({ id }) => id)).size).toBe(20);
    });

    it('removes by age, and failures later; what is unfinished stays while anything else goes', async () => {
      const DAY = 86_400_000;
      const aged = (state: TaskRecord['state'], days: number) =>
        task(days, { state, updatedAt: NOW - days * DAY });
      const [old, failed, running] = [aged('success', 8), aged('failure', 8), aged('started', 6)];
      const kept = [aged('success', 6), failed, running];
      pair.writer.commit({ tasks: [old, aged('failure', 31), ...kept], now: NOW });
      const writer = pair.reopen({ maxAgeMs: 7 * DAY, failureMaxAgeMs: 30 * DAY });
      while (writer.retentionStep(NOW) > 0);
      expect(await ids('')).toEqual(kept.map(({ id }) => id).sort());
    });

    it('LO5 tells lost tasks that were sent again, or longer ago, from the others', async () => {
      const lost = (fields: Partial<TaskRecord>) => task(1, { state: 'lost', ...fields });
      const [open, again] = [lost({}), lost({})];
      pair.writer.commit({
        tasks: [open, again, lost({ updatedAt: NOW - 25 * 3_600_000 })],
        now: NOW,
      });
      again.retriedAsIds.push(randomUUID());
      pair.writer.commit({ tasks: [again], now: NOW });
      expect(await ids('is:resent')).toEqual([again.id]);
      const page = await list('state:lost -is:resent', { range: '24h' });
      expect([page.total, page.items.map(({ id }) => id)]).toEqual([1, [open.id]]);
    });

    it('HI1 forgets names that nothing uses any more, and hours after ninety days', async () => {
      const DAY = 86_400_000;
      const old = NOW - 100 * DAY;
      const gone = task(1, { type: 'gone', worker: 'gone@h', state: 'success', updatedAt: old });
      const fact = { outcome: 'success', queue: null, waitMs: 1, runtimeMs: 1 } as const;
      pair.writer.addMetric({ ...fact, at: old, type: 'gone', worker: 'gone@h' });
      pair.writer.commit({ tasks: [gone], now: old });
      pair.writer.addMetric({ ...fact, at: NOW, type: 'kept', worker: 'w@h' });
      pair.writer.commit({ tasks: [task(2, { type: 'kept', worker: 'w@h' })], now: NOW });
      expect(await pair.reader.taskTypes()).toEqual(['gone', 'kept']);
      const writer = pair.reopen({ maxAgeMs: 7 * DAY });
      for (let step = 0; step < 5; step += 1) writer.retentionStep(NOW);
      expect(await pair.reader.taskTypes()).toEqual(['kept']);
      const totals = await pair.reader.metricHistogram({ by: 'worker', bounds: [] });
      expect(totals.map(({ key }) => key)).toEqual(['w@h']);
      const again = task(3, { type: 'gone', worker: 'gone@h', state: 'failure' });
      writer.commit({ tasks: [again], now: NOW });
      expect(await ids('name:gone worker:gone@h')).toEqual([again.id]);
      expect(await pair.reader.countsBy('type', 'failure')).toEqual([{ value: 'gone', count: 1 }]);
    });

    it('HI1 what all tasks make is written at once, however many names there are', async () => {
      const measured = (n: number, at: number): MetricFact => ({
        ...{ at, outcome: 'success', type: `tasks.t${n}`, worker: `celery@w${n}`, queue: 'q' },
        ...{ waitMs: 5, runtimeMs: 10 },
      });
      for (let n = 0; n < 2000; n += 1) pair.writer.addMetric(measured(n, NOW));
      pair.writer.commit({ now: NOW });
      const range = { from: NOW - 60_000, to: NOW + 60_000, bucketMs: 60_000 };
      const all = async () =>
        (await pair.reader.metrics({ ...range, by: 'all', key: null })).totals.success;
      const one = async () =>
        (await pair.reader.metrics({ ...range, by: 'type', key: 'tasks.t7' })).totals.success;
      expect([await all(), await one()]).toEqual([2000, 1]);
      pair.writer.addMetric(measured(7, NOW + 700));
      pair.writer.commit({ now: NOW + 700 });
      expect([await all(), await one()]).toEqual([2001, 1]);
      pair.writer.commit({ now: NOW + 13_000 });
      expect([await all(), await one()]).toEqual([2001, 2]);
    });

    it('HI2 makes room where most searchable lines were of removed tasks, and finds the others', async () => {
      const DAY = 86_400_000;
      const ended = (state: TaskRecord['state'], n: number) =>
        task(n, { state, updatedAt: NOW - 8 * DAY, args: `word${n} ${'x'.repeat(2000)}` });
      const records = Array.from({ length: 1100 }, (_, n) =>
        ended(n % 100 === 0 ? 'failure' : 'success', n),
      );
      pair.writer.commit({ tasks: records, now: NOW });
      const before = pair.writer.stats().storeBytes;
      const writer = pair.reopen({ maxAgeMs: 7 * DAY, failureMaxAgeMs: 30 * DAY });
      for (let step = 0; step < 20; step += 1) writer.retentionStep(NOW);
      expect(writer.stats().tasksStored).toBe(11);
      expect(await ids('"word300 "')).toEqual([records[300]?.id]);
      expect(await ids('"word301 "')).toEqual([]);
      // What was freed is used again: as much once more fits into the file as it is.
      writer.commit({ tasks: records.slice(0, 900).map((_, n) => ended('success', n)), now: NOW });
      expect(writer.stats().storeBytes).toBeLessThanOrEqual(before);
    });

    it('removes by size until it fits', async () => {
      const large = () =>
        task(1, { state: 'success', result: randomBytes(10_000).toString('hex') });
      pair.writer.commit({ tasks: Array.from({ length: 2000 }, large), now: NOW });
      const whole = pair.writer.stats().storeBytes;
      const writer = pair.reopen({ maxBytes: whole * 0.7 });
      while (writer.retentionStep(NOW) > 0);
      const left = writer.stats().tasksStored;
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(2000);
    });

    it('tells what is new since a moment', async () => {
      pair.writer.commit({
        tasks: [task(1), task(2, { firstSeenAt: NOW - 5000, updatedAt: NOW })],
        now: NOW,
      });
      pair.writer.commit({
        tasks: [task(3, { firstSeenAt: NOW, updatedAt: NOW, state: 'failure' })],
        now: NOW,
      });
      const since = { range: 'all', since: NOW - 100, now: NOW } as const;
      expect(await pair.reader.taskNews({ q: '', ...since })).toMatchObject({
        newCount: 1,
        changedCount: 1,
      });
      expect(await pair.reader.taskNews({ q: 'state:failed', ...since })).toMatchObject({
        newCount: 1,
        changedCount: 0,
      });
    });
  });
}

function task(n: number, fields: Partial<TaskRecord> = {}): TaskRecord {
  const at = NOW - 10_000 + n;
  return {
    ...createTaskRecord(randomUUID(), at),
    type: `tasks.t${n % 4}`,
    state: TASK_STATES[n % TASK_STATES.length] ?? 'queued',
    worker: n % 3 === 0 ? null : `celery@w${n % 5}`,
    queue: `q${n % 2}`,
    receivedAt: n % 6 === 0 ? null : at,
    finishedAt: n % 5 === 0 ? at + 1 : null,
    runtimeMs: n % 7 === 0 ? null : (n * 37) % 11,
    ...fields,
  };
}
