// `umbel -A celery_app list bindings`: the queues and what leads to them.
import type { Command } from 'commander';
import { AppError } from '../../core/errors.ts';
import { EXIT_OK, type CommandContext } from './context.ts';
import { withApp } from './open-app.ts';

export function describe(command: Command): void {
  command.argument('<what>', 'bindings').option('--json', 'print JSON');
}

export function run(
  { globals, output }: CommandContext,
  [what]: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  if (what !== 'bindings') throw new AppError('bad_request', 'There are only bindings to list.');
  return withApp(globals, async (app) => {
    const { queues } = await app.transport.listQueues();
    const rows = queues.flatMap(({ name, bindings }) =>
      bindings.map(({ exchange, routingKey }) => ({ queue: name, exchange, routingKey })),
    );
    if (flags['json'] === true) {
      output.line(JSON.stringify(rows));
      return EXIT_OK;
    }
    const row = (queue: string, exchange: string, key: string) => {
      output.line(`${queue.padEnd(28)} ${exchange.padEnd(28)} ${key}`);
    };
    row('Queue', 'Exchange', 'Routing Key');
    row('-'.repeat(16), '-'.repeat(16), '-'.repeat(16));
    for (const { queue, exchange, routingKey } of rows) row(queue, exchange, routingKey);
    return EXIT_OK;
  });
}
