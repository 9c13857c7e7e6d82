// `inspect` and `control`: one command to all workers, or to some.
import type { Command } from 'commander';
import { AppError } from '../../core/errors.ts';
import { askWorkers, type AskFlags } from './ask-workers.ts';
import { EXIT_OK, type CommandContext } from './context.ts';
import { list, seconds } from './flags.ts';
import { withApp } from './open-app.ts';
import { toArguments, toNamedArguments, type RemoteCommand } from './remote-commands.ts';

export function describeAsk(command: Command): void {
  command
    .option('-t, --timeout <seconds>', 'wait this long for answers', seconds, 1)
    .option('-d, --destination <list>', 'only these nodes', list)
    .option('-j, --json', 'print JSON');
}

export function describeRemote(command: Command): void {
  command
    .argument('[command]', 'the command for the workers')
    .argument('[words...]', 'its arguments')
    .option('--list', 'list the commands');
  describeAsk(command);
}

export async function runRemote(
  context: CommandContext,
  words: readonly string[],
  raw: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, RemoteCommand>>,
): Promise<number> {
  const [method, ...rest] = words;
  if (raw['list'] === true || method === undefined) {
    for (const [name, { help }] of Object.entries(known)) {
      context.output.line(`${name.padEnd(28)}${help}`);
    }
    if (raw['list'] === true) return EXIT_OK;
    throw new AppError('bad_request', 'Name a command.');
  }
  return withApp(context.globals, (app) => {
    const command = known[method];
    const isOwn = app.controlCommands.has(method);
    if (command === undefined && !isOwn) {
      const all = Object.keys(known).join(', ');
      throw new AppError('bad_request', `Command ${method} not recognized. Available: ${all}`);
    }
    const given = command === undefined ? toNamedArguments(rest) : toArguments(command, rest);
    const flags = raw as unknown as AskFlags;
    return askWorkers(context, app, { method, arguments: given }, flags, { hasBody: true });
  });
}
