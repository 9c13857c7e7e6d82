// `umbel -A celery_app dashboard` (also `flower`): the dashboard, with broker, result backend, queues and beat schedule taken from the app.
// All flags of the dashboard may follow.
import type { Command } from 'commander';
import type { AppOptions } from '../../app.ts';
import type { Celery } from '../../client/celery.ts';
import type { AppConfig } from '../../client/config.ts';
import { exchangeTypeOf } from '../../client/queues.ts';
import { shown } from '../../worker/report.ts';
import { cleanUpEntry } from './app-beat.ts';
import type { CommandContext } from './context.ts';
import { openApp } from './open-app.ts';

export function describe(command: Command): void {
  command
    .argument('[flags...]', 'flags of the dashboard, e.g. --port 5555')
    .allowUnknownOption(true)
    .helpOption(false);
}

export async function run({ globals }: CommandContext, flags: readonly string[]): Promise<number> {
  const app = await openApp(globals);
  const given = settingsOf(app.conf);
  const appSchedule = globals.app === null ? null : scheduleOf(app, globals.app);
  await app.close();
  const { runDashboard } = await import('../dashboard-line.ts');
  return runDashboard([...given, ...flags], appSchedule === null ? {} : { appSchedule });
}

/** What beat would send, as a worker of the app tells it. */
function scheduleOf(app: Celery, module: string): NonNullable<AppOptions['appSchedule']> {
  const { brokerUrl, beatSchedule, timezone } = app.conf;
  const told = shown({ ...cleanUpEntry(app), ...beatSchedule });
  return { module, brokerUrl, beatSchedule: told, timezone };
}

/** What the app says of its broker, as flags of the dashboard. */
function settingsOf(conf: AppConfig): string[] {
  const { brokerUrl, resultBackend, taskQueues, taskDefaultQueue } = conf;
  const { brokerTransportOptions: broker, resultBackendTransportOptions: results } = conf;
  const waiting = taskQueues.filter((queue) => exchangeTypeOf(queue) !== 'fanout');
  const steps = broker['priority_steps'];
  const known: Record<string, unknown> = {
    broker: brokerUrl,
    backend: resultBackend,
    queues: [...new Set([taskDefaultQueue, ...waiting.map(({ name }) => name)])].join(','),
    'key-prefix': broker['global_keyprefix'],
    'result-key-prefix': results['global_keyprefix'],
    'sentinel-master': broker['master_name'],
    'priority-steps': Array.isArray(steps) ? steps.join(',') : undefined,
    'event-exchange': conf.eventExchange,
    'control-exchange': conf.controlExchange,
  };
  return Object.entries(known).flatMap(([flag, value]) =>
    typeof value === 'string' && value !== '' ? [`--${flag}`, value] : [],
  );
}
