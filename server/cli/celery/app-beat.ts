// Beat as the app has it configured.
import { readSchedule } from '../../beat/read-schedule.ts';
import { openScheduleFile } from '../../beat/schedule-file.ts';
import { crontab, startBeat, type Beat, type BeatEntry } from '../../beat/beat.ts';
import type { Celery } from '../../client/celery.ts';
import { resultLifeMs } from '../../client/connections.ts';
import { PATIENCE_MS } from '../../client/publish-retry.ts';
import type { Logger } from '../../core/logger.ts';

/** Throws AppError conflict when another beat uses the file, bad_configuration when the schedule is wrong. */
export function startAppBeat(
  app: Celery,
  logger: Logger,
  {
    file,
    maxIntervalMs = 0,
    isEmbedded = false,
  }: { file?: string | undefined; maxIntervalMs?: number | undefined; isEmbedded?: boolean },
): Beat {
  const { conf } = app;
  app.patienceMs = PATIENCE_MS;
  const schedule = { ...cleanUpEntry(app), ...readSchedule(conf.beatSchedule) };
  const memory = openScheduleFile(file ?? conf.beatScheduleFilename, conf.timezone);
  const beat = startBeat({
    app,
    schedule,
    memory,
    logger,
    maxIntervalMs: maxIntervalMs > 0 ? maxIntervalMs : conf.beatMaxLoopIntervalMs,
    startingDeadlineMs: conf.beatCronStartingDeadlineMs,
    isEmbedded,
  });
  return {
    tick: () => beat.tick(),
    stop: async () => {
      await beat.stop();
      memory.release();
    },
  };
}

const CLEAN_UP = 'celery.backend_cleanup';
const CLEAN_UP_EXPIRES_MS = 12 * 3_600_000;

/** Results that do not expire by themselves are cleaned up at four in the morning, as in Celery; an entry of that name in the settings wins. */
export function cleanUpEntry({ backend, conf }: Celery): Readonly<Record<string, BeatEntry>> {
  if (backend?.kind !== 'database' || resultLifeMs(conf) === null) return {};
  const schedule = crontab({ minute: 0, hour: 4 });
  return { [CLEAN_UP]: { task: CLEAN_UP, schedule, expiresMs: CLEAN_UP_EXPIRES_MS } };
}
