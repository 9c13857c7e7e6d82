// `umbel -A celery_app control pool_grow 2`: commands the workers.
import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { describeRemote, runRemote } from './remote-command.ts';
import { CONTROL } from './remote-commands.ts';

export function describe(command: Command): void {
  describeRemote(command);
}

export function run(
  context: CommandContext,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  return runRemote(context, args, flags, CONTROL);
}
