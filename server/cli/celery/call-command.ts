// `umbel -A celery_app call tasks.add --args='[2, 3]'`: sends a task and prints its id.
import { InvalidArgumentError, type Command } from 'commander';
import { isoToMs } from '../../celery/fields.ts';
import type { ApplyOptions } from '../../client/apply-options.ts';
import { EXIT_OK, type CommandContext } from './context.ts';
import { json, seconds } from './flags.ts';
import { withApp } from './open-app.ts';

type Flags = {
  args: unknown[];
  kwargs: Record<string, unknown>;
  eta?: number;
  countdown?: number;
  expires?: number;
  serializer?: string;
  queue?: string;
  exchange?: string;
  routingKey?: string;
  priority?: number;
  json?: boolean;
};

export function describe(command: Command): void {
  command
    .argument('<name>', 'name of the task')
    .option('-a, --args <json>', 'positional arguments, a JSON list', listOf, [])
    .option('-k, --kwargs <json>', 'keyword arguments, a JSON object', objectOf, {})
    .option('--eta <time>', 'when to run, in ISO 8601', timeOf)
    .option('--countdown <seconds>', 'run so much later', seconds)
    .option('--expires <time>', 'seconds from now, or a time in ISO 8601', expiryOf)
    .option('--serializer <name>', 'json, yaml or msgpack')
    .option('--queue <name>', 'the queue')
    .option('--exchange <name>', 'the exchange')
    .option('--routing-key <key>', 'the routing key')
    .option('--priority <number>', 'the priority', seconds)
    .option('--json', 'print JSON');
}

export async function run(
  { globals, output }: CommandContext,
  [name = '']: readonly string[],
  raw: Readonly<Record<string, unknown>>,
): Promise<number> {
  const { args, kwargs, eta, countdown, expires, json: isJson, ...rest } = raw as unknown as Flags;
  const options: Omit<ApplyOptions, 'kwargs'> = {
    ...rest,
    ...(eta === undefined ? {} : { etaAt: eta }),
    ...(countdown === undefined ? {} : { countdownMs: countdown * 1000 }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  };
  const { id } = await withApp(globals, (app) => app.sendTask(name, args, kwargs, options));
  output.line(isJson === true ? JSON.stringify({ id }) : id);
  return EXIT_OK;
}

function listOf(text: string): unknown[] {
  const value = json(text);
  if (!Array.isArray(value)) throw new InvalidArgumentError('A JSON list is expected.');
  return value;
}

function objectOf(text: string): Record<string, unknown> {
  const value = json(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidArgumentError('A JSON object is expected.');
  }
  return value as Record<string, unknown>;
}

function timeOf(text: string): number {
  const at = isoToMs(text);
  if (at === null) throw new InvalidArgumentError('A time in ISO 8601 is expected.');
  return at;
}

function expiryOf(text: string): number {
  return isoToMs(text) ?? Date.now() + seconds(text) * 1000;
}
