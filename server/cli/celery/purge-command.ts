// `umbel -A celery_app purge`: removes all waiting messages. Asks first, unless it is forced.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Celery } from '../../client/celery.ts';
import { exchangeTypeOf, queueNamed } from '../../client/queues.ts';
import { isAppError } from '../../core/errors.ts';
import { EXIT_FAILED, EXIT_OK, type CommandContext } from './context.ts';
import { list } from './flags.ts';
import { withApp } from './open-app.ts';

type Flags = { force?: boolean; queues?: string[]; excludeQueues?: string[]; json?: boolean };

export function describe(command: Command): void {
  command
    .option('-f, --force', 'do not ask')
    .option('-Q, --queues <list>', 'these queues', list)
    .option('-X, --exclude-queues <list>', 'not these queues', list)
    .option('--json', 'print JSON');
}

export function run(
  { globals, output }: CommandContext,
  _args: readonly string[],
  raw: Readonly<Record<string, unknown>>,
): Promise<number> {
  const flags: Flags = raw;
  return withApp(globals, async (app) => {
    const { taskQueues, taskDefaultQueue } = app.conf;
    const own = taskQueues.map(({ name }) => name);
    const all = flags.queues ?? (own.length > 0 ? own : [taskDefaultQueue]);
    const queues = all.filter((queue) => flags.excludeQueues?.includes(queue) !== true);
    const title = queues.length === 1 ? 'queue' : 'queues';
    if (flags.force !== true) {
      const warning = output.style('WARNING', 'red');
      output.error(`${warning}: This will remove all tasks from ${title}: ${queues.join(', ')}.`);
      output.error('         There is no undo for this operation!\n');
      output.error('(to skip this prompt use the -f option)');
      if (!(await isSure())) {
        output.error('Aborted!');
        return EXIT_FAILED;
      }
    }
    const count = await purgeAll(app, queues);
    const messages = `${String(count)} ${count === 1 ? 'message' : 'messages'}`;
    if (flags.json === true) output.line(JSON.stringify({ queues, purged: count }));
    else if (count === 0) output.line(`No messages purged from ${String(queues.length)} ${title}.`);
    else output.line(`Purged ${messages} from ${String(queues.length)} known task ${title}.`);
    return EXIT_OK;
  });
}

/** How many messages were removed; a queue that is not there has none. */
export async function purgeAll(app: Celery, queues: readonly string[]): Promise<number> {
  let count = 0;
  for (const queue of lasting(app, queues)) {
    try {
      count += await app.transport.purge(queue);
    } catch (error) {
      if (!isAppError(error) || error.code !== 'not_found') throw error;
    }
  }
  return count;
}

/** Without broadcasts: nothing waits for a worker that is not there. */
function lasting({ conf }: Celery, queues: readonly string[]): string[] {
  return queues.filter((queue) => exchangeTypeOf(queueNamed(conf, queue)) !== 'fanout');
}

async function isSure(): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) =>
      lines.once('close', () => {
        resolve('');
      }),
    );
    const asked = lines.question('Are you sure you want to delete all tasks? [y/N]: ');
    return /^y(es)?$/i.test(await Promise.race([asked, ended]));
  } finally {
    lines.close();
  }
}
