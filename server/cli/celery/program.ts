// `umbel … worker` and the other commands of the runtime. Only the command that was asked for is loaded.
import { Command, CommanderError } from 'commander';
import { AppError, errorText } from '../../core/errors.ts';
import { readEnvironment } from '../../core/env.ts';
import { COMMANDS, isRuntimeCommand } from './commands.ts';
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, type CommandContext, type Globals } from './context.ts';
import { createOutput } from './output.ts';

type GlobalFlags = {
  app?: string;
  broker?: string;
  resultBackend?: string;
  workdir?: string;
  color: boolean;
  quiet?: boolean;
};

/** The exit code, when the command has ended. */
export async function runRuntimeCommand(argv: readonly string[]): Promise<number> {
  let exitCode = EXIT_OK;
  const name = argv.find(isRuntimeCommand);
  const program = new Command('umbel')
    .option(
      '-A, --app <module>',
      'the module that holds the app: celery_app, src/app.ts, app:celery',
    )
    .option('-b, --broker <url>', 'the broker, instead of the one of the app')
    .option('--result-backend <url>', 'the result backend, instead of the one of the app')
    .option('--workdir <directory>', 'change to this directory first')
    .option('-C, --no-color', 'no colours')
    .option('-q, --quiet', 'say less')
    .enablePositionalOptions()
    .exitOverride();
  for (const [known, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(known, { hidden: summary === '' }).description(summary);
    command.exitOverride().allowExcessArguments(false);
    if (known !== name) continue;
    const module = await load();
    module.describe(command);
    command.action(async () => {
      const flags = program.opts<GlobalFlags>();
      if (flags.workdir !== undefined) process.chdir(flags.workdir);
      exitCode = await guarded(() => module.run(toContext(flags), command.args, command.opts()));
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
  }
  return exitCode;
}

function toContext(flags: GlobalFlags): CommandContext {
  const env = readEnvironment();
  const globals: Globals = {
    app: flags.app ?? env['CELERY_APP'] ?? null,
    broker: flags.broker ?? env['CELERY_BROKER_URL'] ?? null,
    resultBackend: flags.resultBackend ?? env['CELERY_RESULT_BACKEND'] ?? null,
    isQuiet: flags.quiet ?? false,
  };
  const hasColor = flags.color && process.stdout.isTTY && (env['NO_COLOR'] ?? '') === '';
  return { globals, output: createOutput({ hasColor }) };
}

async function guarded(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    process.stderr.write(`Error: ${errorText(error)}\n`);
    const isUsage =
      error instanceof AppError && ['bad_configuration', 'bad_request'].includes(error.code);
    if (!(error instanceof AppError) && error instanceof Error && error.name !== 'Error') {
      process.stderr.write(`${error.stack ?? ''}\n`);
    }
    return isUsage ? EXIT_USAGE : EXIT_FAILED;
  }
}
