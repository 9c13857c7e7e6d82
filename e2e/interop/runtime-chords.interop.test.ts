// Who ends a chord when things go wrong: members that run twice, processes that die between the last member and the body, both languages on
// the same counters.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBackend, isChordBackend } from '../../server/backend/create-backend.ts';
import { member, type StoringBackend } from '../../server/backend/result-backend.contract.ts';
import { groupKey } from '../../server/backend/result-keys.ts';
import type { ApplyOptions } from '../../server/client/apply-options.ts';
import { chord } from '../../server/client/canvas.ts';
import { Celery } from '../../server/client/celery.ts';
import { reportToChord } from '../../server/client/chords.ts';
import { runPython } from '../fixtures/celery/python.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';
import { startRuntimeWorker } from '../fixtures/runtime/worker.ts';
import { startRedis } from '../fixtures/servers/redis.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const closers: (() => unknown)[] = [];
const patience = { timeout: 60_000, interval: 50 };
const C_KEY = groupKey('', 'g', '.c');

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Reports members of the chord `g` as Python's worker does: `[[index, result], …]`; with `die` the process is killed where it would send the body. */
const REPORT = `
import json, os, signal, sys
from app import app
from celery.app.task import Context
from celery.signals import before_task_publish
members, die = json.loads(sys.argv[1]), sys.argv[2] == "die"
if die:
    before_task_publish.connect(lambda **_: os.kill(os.getpid(), signal.SIGKILL), weak=False)
body = app.signature("tasks.xsum").set(queue="bodies", task_id="body")
for index, state, result in members:
    request = Context(id=f"t{index}", group="g", group_index=index, chord=dict(body), errbacks=[])
    if state == "FAILURE":
        result = ValueError(result)
    app.backend.on_chord_part_return(request, state, result)
print(app.backend.get_state("body"))
`;

type Told = [index: number, state: string, result: unknown];

describe('a chord whose members are counted here and in Python', () => {
  let url: string;
  let ours: StoringBackend;
  let redis: Redis;

  beforeEach(async () => {
    url = await freshRedisUrl();
    const backend = createBackend(url);
    if (!isChordBackend(backend)) throw new Error('no chords');
    ours = backend;
    redis = new Redis(url);
    closers.push(
      () => ours.close(),
      () => redis.disconnect(),
    );
    await ours.connect();
    await ours.setChordSize('g', 3);
  });

  const reportThere = (members: Told[], how: 'live' | 'die' = 'live') =>
    runPython(REPORT, { app: { broker: url, backend: url }, args: [JSON.stringify(members), how] });
  const reportHere = (index: number, result?: unknown) =>
    ours.chordMemberDone('g', result === undefined ? member(index) : member(index, result));
  /** The arguments of each body that was sent. */
  const bodies = async () =>
    (await redis.lrange('bodies', 0, -1)).map((text) => {
      const { body } = JSON.parse(text) as { body: string };
      const [args] = JSON.parse(Buffer.from(body, 'base64').toString()) as [unknown[]];
      return args[0];
    });
  const left = async () => (await redis.keys('celery-taskset-meta-g*')).sort();

  test('is ended by whoever counts the last one: here', async () => {
    await reportThere([[0, 'SUCCESS', 0], [2, 'SUCCESS', 20]]); // prettier-ignore
    const claim = await reportHere(1);
    expect((await claim?.read())?.results.map(({ result }) => result)).toEqual([0, 10, 20]);
    await claim?.finish();
    await reportThere([[1, 'SUCCESS', 10]]);
    expect(await bodies()).toEqual([]);
  });

  test('is ended by whoever counts the last one: there', async () => {
    await reportHere(1);
    await reportHere(0);
    await reportThere([[2, 'SUCCESS', 20]]);
    expect(await bodies()).toEqual([[0, 10, 20]]);
    await expect(reportHere(2)).resolves.toBeNull();
    await expect(reportHere(1)).resolves.toBeNull();
  });

  test.skipIf(isOldCelery)(
    'counts a member once that runs here and there and comes to something else',
    async () => {
      await reportThere([[0, 'SUCCESS', 0]]);
      await expect(reportHere(0, 'again')).resolves.toBeNull();
      await expect(reportHere(1)).resolves.toBeNull();
      await reportThere([[1, 'SUCCESS', 'again'], [1, 'FAILURE', 'again']]); // prettier-ignore
      expect(await bodies()).toEqual([]);
      await reportThere([[2, 'SUCCESS', 20]]);
      expect(await bodies()).toEqual([[0, 10, 20]]);
      expect(await left()).toEqual([C_KEY]);
      await expect(reportHere(2, 'again')).resolves.toBeNull();
      expect(await left()).toEqual([C_KEY]);
    },
  );

  test.skipIf(isOldCelery)('whose end Python did not live to send is sent from here', async () => {
    const told: Told[] = [[0, 'SUCCESS', 0], [1, 'SUCCESS', 10], [2, 'SUCCESS', 20]]; // prettier-ignore
    await expect(reportThere(told, 'die')).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(await redis.pttl(C_KEY)).toBeGreaterThan(0);
    const waits = reportHere(2, 'again');
    await redis.pexpire(C_KEY, 1);
    const claim = await waits;
    expect((await claim?.read())?.results.map(({ result }) => result)).toEqual([0, 10, 20]);
    expect([await claim?.hold(), await claim?.finish()]).toEqual([true, true]);
    await reportThere([[1, 'SUCCESS', 10]]);
    expect(await bodies()).toEqual([]);
  });

  test.skipIf(isOldCelery)('whose end we did not live to send is sent by Python', async () => {
    await reportHere(0);
    await reportHere(1);
    const lost = await reportHere(2);
    await reportThere([[2, 'SUCCESS', 'again']]);
    expect(await bodies()).toEqual([]);
    await redis.pexpire(C_KEY, 1);
    await expect.poll(() => redis.exists(C_KEY), patience).toBe(0);
    await reportThere([[2, 'SUCCESS', 'again']]);
    expect(await bodies()).toEqual([[0, 10, 20]]);
    expect([await lost?.hold(), await lost?.finish()]).toEqual([false, false]);
  });

  test('leaves the same after a failure, whoever ends it', async () => {
    await ours.chordMemberDone('g', {
      ...member(0, { exc_type: 'ValueError', exc_message: ['no'], exc_module: 'builtins' }),
      state: 'FAILURE',
    });
    const said = await reportThere([[1, 'SUCCESS', 10], [2, 'SUCCESS', 20]]); // prettier-ignore
    expect(said.trim()).toBe('FAILURE');
    const theirs = await left();
    await ours.setChordSize('h', 1);
    const claim = await ours.chordMemberDone('h', { ...member(0), state: 'FAILURE' });
    await claim?.fail();
    const own = (await redis.keys('celery-taskset-meta-h*')).sort();
    if (!isOldCelery) expect(own.map((key) => key.replace('-h.', '-g.'))).toEqual(theirs);
    await reportThere([[2, 'SUCCESS', 20]]);
    const again = await reportHere(1);
    // Celery before 5.3 leaves the count of what it failed: a member that comes again finds all done, and the chord fails again.
    const states = isOldCelery ? ['FAILURE', 'SUCCESS', 'SUCCESS'] : undefined;
    expect((await again?.read())?.results.map(({ state }) => state)).toEqual(states);
    await again?.fail();
    await expect(reportHere(1)).resolves.toBeNull();
    expect(await bodies()).toEqual([]);
  });
});

describe('the last member of a chord', () => {
  const place = async (broker?: string) => {
    const backend = await freshRedisUrl();
    const app = new Celery('chords', { broker: broker ?? backend, backend });
    const redis = new Redis(backend);
    closers.push(
      () => app.close(),
      () => redis.disconnect(),
    );
    await app.connect();
    if (app.backend === null || !isChordBackend(app.backend)) throw new Error('no chords');
    await app.backend.setChordSize('g', 2);
    await app.backend.chordMemberDone('g', member(0));
    const report = (options: ApplyOptions) =>
      reportToChord(app, {
        ...{ ...member(1), result: 10, groupId: 'g' },
        chord: app.signature('tasks.xsum', [], { queue: 'bodies', taskId: 'body', ...options }),
      });
    return { app, redis, report, body: app.result('body') };
  };

  test('waits for a broker that is away, with the claim in its hand', async () => {
    const broker = await startRedis({ persist: true });
    closers.push(() => broker.stop());
    const { app, redis, report } = await place(broker.url);
    await broker.down();
    await expect.poll(() => app.transport.status().state, patience).not.toBe('connected');
    const reported = report({});
    await expect.poll(() => redis.pttl(C_KEY), patience).toBeGreaterThan(6000);
    expect(await redis.exists(groupKey('', 'g', '.j'))).toBe(1);
    await broker.up();
    await reported;
    expect((await app.transport.measureQueues(['bodies']))[0]).toMatchObject({ ready: 1 });
    expect(await redis.get(C_KEY)).toBe('done');
    expect(await redis.exists(groupKey('', 'g', '.j'))).toBe(0);
  });

  test('fails a body that cannot be sent', async () => {
    const { redis, report, body } = await place();
    await report({ softTimeLimitMs: 2000, timeLimitMs: 1000 });
    await expect(body.get({ timeoutMs: 1000 })).rejects.toMatchObject({
      name: 'ChordError',
      message: expect.stringMatching(/^Callback error: .*soft time limit/) as string,
    });
    expect(await redis.get(C_KEY)).toBe('done');
  });

  test('fails a body whose results cannot be read', async () => {
    const { redis, report, body } = await place();
    const results = groupKey('', 'g', '.j');
    await redis.del(results);
    await redis.zadd(results, 0, 'no result');
    await report({});
    await expect(body.get({ timeoutMs: 1000 })).rejects.toMatchObject({
      name: 'ChordError',
      message: expect.stringMatching(/^Join error: .*1 of 2 results cannot be read/) as string,
    });
    expect(await redis.exists(groupKey('', 'g', '.s'))).toBe(0);
    expect(await redis.llen('bodies')).toBe(0);
  });
});

test.each([
  ['redis', {}],
  ['redis', { worker_deduplicate_successful_tasks: true }],
  ['amqp', {}],
] as const)(
  'kill -9 between the last member and the body loses no chord on %s (%o)',
  async (kind, more) => {
    const backend = await freshRedisUrl();
    const vhost = kind === 'amqp' ? await freshVhost() : null;
    if (vhost !== null) closers.push(() => vhost.remove());
    const settings = {
      broker_url: vhost?.url ?? backend,
      result_backend: backend,
      ...(kind === 'redis' ? { broker_transport_options: { visibility_timeout: 3 } } : {}),
      ...more,
    };
    const directory = makeTempDir('chords');
    closers.push(() => {
      removeTempDir(directory);
    });
    const runs = join(directory, 'runs.txt');
    writeFileSync(runs, '');
    const read = () => readFileSync(runs, 'utf8').split('\n').filter(Boolean);
    const app = new Celery('chords', settings);
    const redis = new Redis(backend);
    closers.push(
      () => app.close(),
      () => redis.disconnect(),
    );
    await app.connect();
    const work = async () => {
      const worker = await startRuntimeWorker({
        settings,
        runs,
        args: ['-c', '2', '--without-mingle'],
      });
      closers.push(() => worker.kill());
      return worker;
    };
    const worker = await work();
    const members = ['a', 'b'].map((text) => app.signature<string>('tasks.late', [text, 0]));
    const sent = await chord(members, app.signature('tasks.deadly_to_send')).delay();
    await worker.child.ended;
    expect(read()).toContain('sending');
    expect(await sent.state()).toBe('PENDING');
    const claim = groupKey('', sent.parent?.id ?? '', '.c');
    expect(await redis.pttl(claim)).toBeGreaterThan(6000);
    await work();
    await redis.pexpire(claim, 4000);
    expect(await sent.get({ timeoutMs: 60_000 })).toEqual(['a', 'b']);
    await expect.poll(() => redis.get(claim), patience).toBe('done');
    const after = await app.sendTask('tasks.noted', ['after']);
    await after.get({ timeoutMs: 60_000 });
    const isEmpty = async () => (await app.transport.measureQueues(['celery']))[0];
    await expect.poll(isEmpty, patience).toMatchObject({ ready: 0 });
    expect(read().filter((line) => line.startsWith('sent'))).toEqual(['sent: ["a","b"]']);
  },
);
