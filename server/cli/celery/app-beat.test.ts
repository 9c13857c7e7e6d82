import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { crontab } from '../../beat/beat.ts';
import { Celery, type CeleryOptions } from '../../client/celery.ts';
import { silentLogger } from '../../core/logger.ts';
import { startAppBeat } from './app-beat.ts';

const rooms: string[] = [];
afterEach(() => {
  rooms.splice(0).forEach(removeTempDir);
});

const NIGHTLY = { task: 'celery.backend_cleanup', schedule: crontab({ hour: 3, minute: 0 }) };

/** What a beat begins with. Nothing is due at once, so that no broker is asked. */
async function entriesOf(options: CeleryOptions, isEmbedded = false): Promise<readonly string[]> {
  const room = makeTempDir('beat');
  rooms.push(room);
  const app = new Celery('beat', { broker: 'redis://127.0.0.1:1/0', ...options });
  const signal = isEmbedded ? app.signals.beatEmbeddedInit : app.signals.beatInit;
  let entries: readonly string[] = [];
  signal.connect((told) => {
    entries = told.entries;
  });
  const beat = startAppBeat(app, silentLogger, { file: join(room, 'schedule'), isEmbedded });
  await beat.stop();
  await app.close();
  return entries;
}

it('cleans up at night what does not expire by itself, unless the schedule says otherwise', async () => {
  const tables = { backend: 'db+sqlite:///:memory:' };
  const beatSchedule = { hourly: { task: 'tasks.x', schedule: 3600 } };
  expect(await entriesOf({ ...tables, beatSchedule })).toEqual([NIGHTLY.task, 'hourly']);
  expect(await entriesOf({ ...tables, beatSchedule: { [NIGHTLY.task]: NIGHTLY } }, true)).toEqual([
    NIGHTLY.task,
  ]);
  expect(await entriesOf({ ...tables, resultExpiresMs: null })).toEqual([]);
  expect(await entriesOf({ ...tables, result_expires: 0 })).toEqual([]);
  expect(await entriesOf({ backend: 'redis://127.0.0.1:1/0', beatSchedule })).toEqual(['hourly']);
});

it.each([
  [{ beat_max_loop_interval: 2 }, undefined, 2000],
  [{ beat_max_loop_interval: 2 }, 1000, 1000],
  [{ beat_max_loop_interval: 2 }, 0, 2000],
  [{ beat_max_loop_interval: 0 }, undefined, 300_000],
  [{}, undefined, 300_000],
])('with %j and --max-interval of %s ms beat sleeps %d ms', async (settings, flag, sleepMs) => {
  const room = makeTempDir('beat');
  rooms.push(room);
  const beatSchedule = { hourly: { task: 'tasks.x', schedule: 3600 } };
  const app = new Celery('beat', { broker: 'redis://127.0.0.1:1/0', beatSchedule, ...settings });
  const beat = startAppBeat(app, silentLogger, { file: join(room, 's'), maxIntervalMs: flag });
  expect(await beat.tick()).toBe(sleepMs);
  await beat.stop();
  await app.close();
});
