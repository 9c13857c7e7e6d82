// The command line of the dashboard: its settings as flags.
import { Command, CommanderError } from 'commander';
import type { AppOptions } from '../app.ts';
import { SETTINGS, type Setting } from '../core/settings.ts';
import { packageVersion } from '../core/package.ts';

const EXIT_BAD_CONFIGURATION = 2;

/** The exit code, when the command has ended. */
export async function runDashboard(
  argv: readonly string[],
  options: Pick<AppOptions, 'appSchedule'> = {},
): Promise<number> {
  let exitCode = 0;
  const program = new Command('umbel')
    .description(
      'The live dashboard for Celery clusters. With no broker configured it runs a demo cluster.',
    )
    .version(packageVersion(), '--version')
    .option('--dev', 'serve the pages from source (for work on Umbel itself)')
    .exitOverride()
    .allowExcessArguments(true)
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      '\nTasks in TypeScript: umbel -A <module> worker, beat, call, result, status, inspect, control and\nothers; `umbel -A <module> worker --help` says more.',
    );
  for (const setting of SETTINGS as readonly Setting[]) {
    const flag =
      setting.value === null ? `--${setting.name}` : `--${setting.name} <${setting.value}>`;
    program.option(flag, `${setting.help} (default: ${setting.default})`);
  }
  program.action(async () => {
    const [unknown] = program.args;
    if (unknown !== undefined) {
      process.stderr.write(`umbel: there is no command "${unknown}"; see umbel --help\n`);
      exitCode = EXIT_BAD_CONFIGURATION;
      return;
    }
    const { serve } = await import('./serve.ts');
    const { dev = false } = program.opts<{ dev?: boolean }>();
    exitCode = await serve(flagsOf(program), { dev, ...options });
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_BAD_CONFIGURATION;
  }
  return exitCode;
}

function flagsOf(program: Command): Record<string, unknown> {
  const flags: Record<string, unknown> = {};
  for (const setting of SETTINGS as readonly Setting[]) {
    // Commander turns `--no-x` into `x: false`, and the rest into camel case.
    if (setting.name.startsWith('no-')) {
      const value: unknown = program.getOptionValue(camel(setting.name.slice(3)));
      if (value === false) flags[setting.name] = true;
      continue;
    }
    const source = program.getOptionValueSource(camel(setting.name));
    if (source !== undefined && source !== 'default')
      flags[setting.name] = program.getOptionValue(camel(setting.name));
  }
  return flags;
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
}
