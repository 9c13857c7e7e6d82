// `umbel -A celery_app report`: what runs here, without secrets.
import type { Command } from 'commander';
import { reportText, settingsTable, softwareHere } from '../../worker/report.ts';
import { EXIT_OK, type CommandContext } from './context.ts';
import { openApp } from './open-app.ts';

export function describe(command: Command): void {
  command.option('--json', 'print JSON');
}

export async function run(
  { globals, output }: CommandContext,
  _args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const hasApp = globals.app !== null || globals.broker !== null;
  const app = hasApp ? await openApp(globals) : null;
  const settings = app === null ? {} : settingsTable(app, { withDefaults: flags['json'] === true });
  if (flags['json'] === true) output.line(JSON.stringify({ ...softwareHere(), settings }));
  else output.line(reportText(app));
  await app?.close();
  return EXIT_OK;
}
