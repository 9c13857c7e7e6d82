// What runs here, for a bug report: versions and settings under Celery's names, without secrets.
import { arch, release, type as system } from 'node:os';
import type { Schedule } from '../celery/schedule.ts';
import { tellSchedule } from '../celery/told-schedule.ts';
import type { Celery } from '../client/celery.ts';
import { DEFAULT_CONFIG, type AppConfig } from '../client/config.ts';
import { celeryName } from '../client/celery-names.ts';
import { packageVersion } from '../core/package.ts';
import { redactUrl } from '../core/redact.ts';

const SECRET = /password|secret|token|passwd|signature/i;

/** Settings in Celery's names and units; only those that differ from the default, unless all are asked for. */
export function settingsTable(
  { conf, transport, backend }: Celery,
  { withDefaults }: { withDefaults: boolean },
): Record<string, unknown> {
  const table: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(conf) as [keyof AppConfig, unknown][]) {
    if (!withDefaults && JSON.stringify(value) === JSON.stringify(DEFAULT_CONFIG[key])) continue;
    const inSeconds = key.endsWith('Ms') && typeof value === 'number';
    table[celeryName(key)] = inSeconds ? value / 1000 : shown(value);
  }
  return {
    ...table,
    broker_url: transport.displayUrl,
    result_backend: backend?.displayUrl ?? null,
  };
}

export function softwareHere(): { software: string; platform: string } {
  return {
    software: `umbel:${packageVersion()} node:${process.versions.node}`,
    platform: `system:${system()} arch:${arch()} kernel version:${release()}`,
  };
}

/** In the layout of `celery report`. */
export function reportText(app: Celery | null): string {
  const { software, platform } = softwareHere();
  const lines = [`software -> ${software}`, `platform -> ${platform}`];
  if (app !== null) {
    const { transport, backend } = app;
    const table = settingsTable(app, { withDefaults: false });
    lines.push(
      `settings -> transport:${transport.kind} results:${backend?.displayUrl ?? 'disabled'}`,
      '',
      ...Object.entries(table).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    );
  }
  return `\n${lines.join('\n')}\n`;
}

/** Plain data: functions and patterns by what they look like, nothing that is a secret. */
export function shown(value: unknown, key = ''): unknown {
  if (SECRET.test(key) && value !== null) return '********';
  if (typeof value === 'string') return redactUrl(value);
  if (typeof value === 'function') return `<function ${value.name}>`;
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map((one) => shown(one));
  if (typeof value !== 'object' || value === null) return value;
  if (isSchedule(value)) return tellSchedule(value);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one, name)]));
}

function isSchedule(value: object): value is Schedule {
  const { type } = value as { type?: unknown };
  return (type === 'interval' && 'everyMs' in value) || (type === 'crontab' && 'crontab' in value);
}
