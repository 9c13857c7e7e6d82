// Settings as people give them: camelCase with milliseconds, or Celery's own snake_case with seconds. What is not a setting is
// refused with the nearest name, what has the wrong kind of value with its name.
import { AppError } from '../core/errors.ts';
import { troubleOf, type TaskAnnotations } from './annotations.ts';
import { celeryName, inOurUnits, type InCelery } from './celery-names.ts';
import { DEFAULT_CONFIG, type AppConfig } from './config.ts';

/** Settings under our names, in milliseconds: `taskTimeLimitMs`. */
export type Settings = Partial<AppConfig>;

/** Settings under Celery's own names, in Celery's units: `task_time_limit` in seconds. */
export type CelerySettings = InCelery<AppConfig>;

/** The settings of an app, and the way to change them. */
export type Configuration = Readonly<AppConfig> & {
  /** Throws AppError bad_configuration, and changes nothing, when one of the settings is unknown or wrong. */
  update(settings: Settings & CelerySettings): void;
};

const KEYS = Object.keys(DEFAULT_CONFIG) as (keyof AppConfig)[];

const BY_CELERY_NAME = new Map(KEYS.map((key) => [celeryName(key), key]));

/** Values that may be null, or are more than their default shows. */
const KINDS: Partial<Record<keyof AppConfig, readonly string[]>> = {
  brokerConnectionMaxRetries: ['number', 'null'],
  resultBackend: ['string', 'null'],
  resultExpiresMs: ['number', 'null'],
  taskAcksOnFailure: ['boolean', 'null'],
  taskAcksOnTimeout: ['boolean', 'null'],
  taskCompression: ['string', 'null'],
  taskRoutes: ['object', 'array', 'function', 'null'],
  taskAnnotations: ['object', 'array', 'function', 'null'],
  taskDefaultRoutingKey: ['string', 'null'],
  taskDefaultPriority: ['number', 'null'],
  taskQueueMaxPriority: ['number', 'null'],
  taskDefaultRateLimit: ['string', 'number', 'null'],
  taskTimeLimitMs: ['number', 'null'],
  taskSoftTimeLimitMs: ['number', 'null'],
  workerConcurrency: ['number', 'null'],
  workerMaxTasksPerChild: ['number', 'null'],
  workerMaxMemoryPerChild: ['number', 'null'],
  workerStateDb: ['string', 'null'],
  beatCronStartingDeadlineMs: ['number', 'null'],
};

const SERIALIZERS = ['json', 'yaml', 'msgpack'];
/** Those that can be written. */
const COMPRESSIONS = ['gzip', 'zlib', 'brotli', 'application/x-gzip', 'application/x-brotli'];

/** Settings that are one of a few words. */
const CHOICES: Partial<Record<keyof AppConfig, readonly string[]>> = {
  taskSerializer: SERIALIZERS,
  resultSerializer: SERIALIZERS,
  taskCompression: COMPRESSIONS,
  taskDefaultQueueType: ['classic', 'quorum'],
  taskCreateMissingQueueType: ['classic', 'quorum'],
  workerPool: ['threads', 'processes', 'async', 'solo', 'prefork', 'gevent', 'eventlet'],
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** `onUpdate` is told after each change. */
export function createConfiguration(
  given: Settings & CelerySettings,
  onUpdate: () => void = () => undefined,
): Configuration {
  const values = { ...DEFAULT_CONFIG, ...readSettings(given) };
  return Object.defineProperty(values, 'update', {
    value: (more: Settings & CelerySettings) => {
      Object.assign(values, readSettings(more));
      onUpdate();
    },
  }) as unknown as Configuration;
}

function readSettings(given: Settings & CelerySettings): Settings {
  const read: Record<string, unknown> = {};
  const troubles: string[] = [];
  for (const [name, raw] of Object.entries<unknown>(given)) {
    if (raw === undefined) continue;
    const inCelery = BY_CELERY_NAME.get(name);
    const key = inCelery ?? KEYS.find((one) => one === name);
    if (key === undefined) {
      troubles.push(`There is no setting "${name}"; the nearest is "${nearest(name)}".`);
      continue;
    }
    const value = inOurUnits(name, key, raw);
    const kinds = KINDS[key] ?? [kindOf(DEFAULT_CONFIG[key])];
    const choices = CHOICES[key];
    if (!kinds.includes(kindOf(value)) || Number.isNaN(value)) {
      troubles.push(`The setting "${name}" has to be of the kind ${kinds.join(' or ')}.`);
    } else if (value !== null && choices?.includes(value as string) === false) {
      troubles.push(`The setting "${name}" has to be one of ${choices.join(', ')}.`);
    } else read[key] = value;
  }
  const trouble = troubleOf((read['taskAnnotations'] ?? null) as TaskAnnotations | null);
  if (trouble !== null) troubles.push(trouble);
  if (troubles.length > 0) throw new AppError('bad_configuration', troubles.join(' '));
  return read;
}

function nearest(name: string): string {
  const candidates = name.includes('_') ? [...BY_CELERY_NAME.keys()] : KEYS;
  const ranked = candidates.map((one) => ({ one, steps: distance(name, one) }));
  ranked.sort((a, b) => a.steps - b.steps);
  return ranked[0]?.one ?? '';
}

/** Letters to insert, drop or change. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let y = 0; y < from.length; y += 1) {
    const next = [y + 1];
    for (let x = 0; x < to.length; x += 1) {
      const changed = (row[x] ?? 0) + (from[y] === to[x] ? 0 : 1);
      next.push(Math.min(changed, (row[x + 1] ?? 0) + 1, (next[x] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
