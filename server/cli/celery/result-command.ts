// `umbel -A celery_app result <id>`: waits for a task and prints what it returned. A failed one ends with 1.
import type { Command } from 'commander';
import { toPlain } from '../../../lib/python/values.ts';
import { TaskError } from '../../client/task-errors.ts';
import { EXIT_FAILED, EXIT_OK, type CommandContext } from './context.ts';
import { seconds } from './flags.ts';
import { withApp } from './open-app.ts';

type Flags = { traceback?: boolean; timeout?: number; json?: boolean };

const FOR_EVER_MS = 2 ** 31 - 1;

export function describe(command: Command): void {
  command
    .argument('<id>', 'id of the task')
    .option('--traceback', 'print the traceback instead; does not wait')
    .option('--timeout <seconds>', 'give up after this long', seconds)
    .option('--json', 'print JSON');
}

export async function run(
  { globals, output }: CommandContext,
  [id = '']: readonly string[],
  raw: Readonly<Record<string, unknown>>,
): Promise<number> {
  const { traceback, timeout, json } = raw as Flags;
  return withApp(globals, async (app) => {
    const result = app.result(id);
    if (traceback === true) {
      const meta = (await app.backend?.get(id)) ?? null;
      output.line(meta?.traceback ?? 'None');
      return EXIT_OK;
    }
    try {
      const timeoutMs = timeout === undefined ? FOR_EVER_MS : timeout * 1000;
      const value = toPlain((await result.get({ timeoutMs })) as never);
      output.line(typeof value === 'string' && json !== true ? value : JSON.stringify(value));
      return EXIT_OK;
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      const { name, message, state } = error;
      if (json === true) output.line(JSON.stringify({ state, error: { type: name, message } }));
      else output.error(error.traceback?.trimEnd() ?? `${name}: ${message}`);
      return EXIT_FAILED;
    }
  });
}
