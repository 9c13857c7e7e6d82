// Reads the command line and hands over to one command, which loads only what it needs: a command of the runtime when one is named, else
// the dashboard.
import { SETTINGS, type Setting } from '../core/settings.ts';
import { isRuntimeCommand } from './celery/commands.ts';

/** The exit code, when the command has ended. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  if (namesRuntimeCommand(argv)) {
    const { runRuntimeCommand } = await import('./celery/program.ts');
    return runRuntimeCommand(argv);
  }
  const { runDashboard } = await import('./dashboard-line.ts');
  return runDashboard(argv);
}

const RUNTIME_VALUES = ['-A', '--app', '-b', '--broker', '--result-backend', '--workdir'];

/** Whether the first word that is neither a flag nor the value of one is a command of the runtime. */
function namesRuntimeCommand(argv: readonly string[]): boolean {
  const takesValue = new Set(RUNTIME_VALUES);
  for (const { name, value } of SETTINGS as readonly Setting[]) {
    if (value !== null) takesValue.add(`--${name}`);
  }
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) return isRuntimeCommand(word);
    if (takesValue.has(word)) at += 1;
  }
  return false;
}
