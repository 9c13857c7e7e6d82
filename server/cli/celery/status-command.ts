// `umbel -A celery_app status`: the workers that answer.
import type { Command } from 'commander';
import { askWorkers, type AskFlags } from './ask-workers.ts';
import type { CommandContext } from './context.ts';
import { withApp } from './open-app.ts';
import { describeAsk } from './remote-command.ts';

export function describe(command: Command): void {
  describeAsk(command);
}

export function run(
  context: CommandContext,
  _args: readonly string[],
  raw: Readonly<Record<string, unknown>>,
): Promise<number> {
  const ping = { method: 'ping', arguments: {} };
  return withApp(context.globals, (app) =>
    askWorkers(context, app, ping, raw as unknown as AskFlags, { hasBody: false }),
  );
}
