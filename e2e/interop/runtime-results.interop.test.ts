// Results both ways through each backend: we read what Python stored, Python reads what we stored, and both their groups and chords.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Celery } from '../../server/client/celery.ts';
import { chord, group } from '../../server/client/canvas.ts';
import { startWorker } from '../../server/worker/worker.ts';
import { isOldCelery } from '../fixtures/celery/version.ts';
import { runPython, type CeleryApp } from '../fixtures/celery/python.ts';
import { startWorker as startPythonWorker } from '../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../fixtures/isolated.ts';
import { startPostgres } from '../fixtures/servers/postgres.ts';
import type { PrivateServer } from '../fixtures/servers/private-server.ts';
import { makeTempDir, removeTempDir } from '../fixtures/servers/temp-dir.ts';

const APP_FILE = fileURLToPath(new URL('./support/results-app.ts', import.meta.url));
const UMBEL = new URL('../../server/umbel.ts', import.meta.url).href;

const DEEP = { text: 'zażółć 🦊', list: [1.5, null, true, -1, [[]]], 'key é': { n: 2 ** 40 } };

const PRODUCE = `
import json, sys
from canvas_tasks import *
def ours(name, *args, **options):
    return app.signature("canvas." + name, args=args).set(queue="ours", **options)
failed = ours("fail").apply_async()
try:
    failed.get(timeout=20)
except Exception as error:
    raised = [type(error).__name__, str(error)]
add = ours("add", 2, 3).apply_async()
deep = ours("identity", json.loads(sys.argv[1])).apply_async()
print(json.dumps({
  "add": add.get(timeout=20), "state": add.state, "failed": raised, "failed_state": failed.state,
  "deep": deep.get(timeout=20),
  "traceback": "ValueError: on purpose" in (failed.traceback or ""),
  "chain": (ours("add", 1, 1) | add_there.s(2) | ours("add", 3)).apply_async().get(timeout=20),
}))
`.replaceAll('add_there', 'app.tasks["canvas.add"]');

const SAVE = `
import json, sys
from canvas_tasks import *
from celery.result import GroupResult
sent = group(app.signature("canvas.add", args=(1, 2)).set(queue="ours"), add.s(3, 4)).apply_async()
sent.save()
found = GroupResult.restore(sys.argv[1], app=app).get(timeout=20)
print(json.dumps({"found": found, "saved": sent.id}))
`;

type Place = { broker: string; backend: string; server?: PrivateServer };

const BACKENDS: Record<string, () => Promise<Place>> = {
  'SQLite over Redis': async () => {
    const directory = makeTempDir('results');
    closers.push(() => Promise.resolve(removeTempDir(directory)));
    return { broker: await freshRedisUrl(), backend: `db+sqlite:///${join(directory, 'r.db')}` };
  },
  'PostgreSQL over Redis': async () => {
    const server = await startPostgres();
    closers.push(() => server.stop());
    return {
      server,
      broker: await freshRedisUrl(),
      backend: `db+${server.url}`,
    };
  },
  'rpc over RabbitMQ': async () => {
    const vhost = await freshVhost();
    closers.push(() => vhost.remove());
    return { broker: vhost.url, backend: 'rpc://' };
  },
};

const closers: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe.each(Object.entries(BACKENDS))('results in %s', (name, open) => {
  // Celery before 5.7 reads its own tables only, with pickles in them; groups are not saved there.
  const hasOldTables = isOldCelery && name.startsWith('SQLite');
  const isTooOld = isOldCelery && name.startsWith('PostgreSQL');

  let python: CeleryApp;
  let app: Celery;
  let server: PrivateServer | undefined;
  const at = (queue: string) => ({ queue });

  beforeAll(async () => {
    const { server: database, ...place } = await open();
    server = database;
    python = { ...place, resultExtended: true };
    // In PostgreSQL the tables are Python's, in SQLite ours: whoever comes first makes them.
    if (hasOldTables || name.startsWith('PostgreSQL'))
      await runPython('import app; app.app.backend.get_state("none")', { app: python });
    const theirs = await startPythonWorker({
      app: python,
      pool: 'threads',
      queues: ['celery'],
      args: ['-I', 'canvas_tasks'],
      quiet: true,
    });
    closers.push(() => theirs.stop());
    app = new Celery('results', { ...place, resultExtended: true });
    const workerApp = new Celery('results', { ...place, resultExtended: true });
    closers.push(
      () => app.close(),
      () => workerApp.close(),
    );
    await Promise.all([app.connect(), workerApp.connect()]);
    const ours = await startWorker({
      app: workerApp,
      tasks: {
        file: APP_FILE,
        attribute: null,
        umbel: UMBEL,
        settings: { brokerUrl: place.broker, resultBackend: place.backend },
      },
      hostname: 'ours@umbel-test',
      queues: ['ours'],
      concurrency: 1,
    });
    closers.push(() => ours.stop({ graceMs: 0 }));
    await theirs.ready;
  }, 300_000);

  test.each(['celery', 'ours'])('sent here, run on the queue %s', async (queue) => {
    const sent = await app.sendTask<number>('canvas.add', [2, 3], {}, at(queue));
    expect(await sent.get({ timeoutMs: 20_000 })).toBe(5);
    expect([await sent.state(), await sent.ready(), await sent.successful()]).toEqual([
      'SUCCESS',
      true,
      true,
    ]);
    const isExtended = !isOldCelery || queue === 'ours' || python.backend !== 'rpc://';
    const extended = { name: 'canvas.add', args: [2, 3] };
    expect((await sent.meta())?.extended).toEqual(
      isExtended ? expect.objectContaining(extended) : null,
    );
    const deep = await app.sendTask('canvas.identity', [DEEP], {}, at(queue));
    expect(await deep.get({ timeoutMs: 20_000 })).toEqual(DEEP);
    const failing = await app.sendTask('canvas.fail', [], {}, at(queue));
    await expect(failing.get({ timeoutMs: 20_000 })).rejects.toMatchObject({
      name: 'ValueError',
      message: 'on purpose',
      state: 'FAILURE',
      traceback: expect.stringContaining('ValueError: on purpose') as string,
    });
    expect(await failing.failed()).toBe(true);
    expect(await failing.info()).toMatchObject({ name: 'ValueError' });
    await sent.forget();
    expect(await sent.state()).toBe('PENDING');
  });

  test.skipIf(isTooOld)('sent in Python, run here', async () => {
    const said = JSON.parse(
      await runPython(PRODUCE, { app: python, args: [JSON.stringify(DEEP)] }),
    ) as Record<string, unknown>;
    // A chain over rpc:// ends in the queue of the process that sent its last step.
    expect(said).toEqual({
      add: 5,
      state: 'SUCCESS',
      failed: ['ValueError', 'on purpose'],
      failed_state: 'FAILURE',
      deep: DEEP,
      traceback: true,
      chain: 7,
    });
  });

  test.skipIf(hasOldTables || isTooOld)(
    'groups of both, saved here and found in Python, and the other way round',
    async () => {
      const { backend } = python;
      if (backend === 'rpc://') {
        await expect(app.restoreGroup('any')).rejects.toMatchObject({ code: 'unsupported' });
        return;
      }
      const members = ['ours', 'celery'].map((queue) =>
        app.signature('canvas.add', [1, 1], at(queue)),
      );
      const sent = await group(members).delay();
      await sent.save();
      const said = await runPython(SAVE, { app: python, args: [sent.id] });
      const { found, saved } = JSON.parse(said) as { found: unknown; saved: string };
      expect(found).toEqual([2, 2]);
      const restored = await app.restoreGroup(saved);
      expect(await restored?.get({ timeoutMs: 20_000 })).toEqual([3, 7]);
    },
  );

  if (name.startsWith('PostgreSQL')) {
    test('a result waits for a database that is away, and so does who waits for it', async () => {
      await server?.down();
      const sent = await app.sendTask('canvas.add', [20, 22], {}, at('ours'));
      const result = sent.get({ timeoutMs: 30_000 });
      const queue = async () => (await app.transport.measureQueues(['ours']))[0];
      await expect.poll(queue, { timeout: 20_000 }).toMatchObject({ ready: 0, inFlight: 0 });
      await server?.up();
      expect(await result).toBe(42);
    });
  }

  test.skipIf(isTooOld)('a chord of both, unlocked here and there, or refused', async () => {
    const members = ['ours', 'celery', 'ours'].map((queue) =>
      app.signature<number>('canvas.add', [1, 1], at(queue)),
    );
    const bodies = ['ours', 'celery'].map((queue) =>
      app.signature<number>('canvas.total', [], at(queue)),
    );
    if (python.backend === 'rpc://') {
      const refused = chord(members, app.signature<number>('canvas.total')).delay();
      await expect(refused).rejects.toMatchObject({ code: 'unsupported' });
      return;
    }
    const sent = await Promise.all(bodies.map((body) => chord(members, body).delay()));
    expect(await Promise.all(sent.map((one) => one.get({ timeoutMs: 30_000 })))).toEqual([6, 6]);
  });
});
