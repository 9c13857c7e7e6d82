// `umbel -A celery_app events`: prints what workers and clients tell, until it is interrupted.
import type { Command } from 'commander';
import { toPlain } from '../../../lib/python/values.ts';
import { decodeEvents, type RawEvent } from '../../celery/event.ts';
import { EXIT_OK, type CommandContext } from './context.ts';
import { withApp } from './open-app.ts';

export function describe(command: Command): void {
  command
    .option('-d, --dump', 'taken for compatibility: events are always dumped')
    .option('-j, --json', 'one JSON object a line');
}

export function run(
  { globals, output }: CommandContext,
  _args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const isJson = flags['json'] === true;
  return withApp(globals, async (app) => {
    const names = new Map<string, string>();
    const subscription = await app.transport.subscribeEvents({
      onEvents: ({ body, contentType }) => {
        const decoded = decodeEvents(Buffer.from(body), contentType);
        if (!decoded.ok) return;
        for (const event of decoded.value.events) {
          output.line(isJson ? JSON.stringify(toPlain(event as never)) : lineOf(event, names));
        }
      },
      onGap: ({ detail }) => {
        output.error(`-> events were missed: ${detail}`);
      },
      onMalformed: (reason) => {
        output.error(`-> a malformed event: ${reason}`);
      },
    });
    if (!isJson) output.line('-> evdump: starting capture...');
    await new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await subscription.close();
    return EXIT_OK;
  });
}

const MAX_NAMES = 10_000;

function lineOf(event: RawEvent, names: Map<string, string>): string {
  const { type, hostname, timestamp, ...rest } = toPlain(event as never) as Record<string, unknown>;
  const at = new Date(Number(timestamp) * 1000).toISOString().replace('T', ' ');
  const { uuid, name, args, kwargs, ...fields } = rest;
  const id = textOf(uuid);
  if (name !== undefined) {
    if (names.size >= MAX_NAMES) names.clear();
    names.set(id, `${textOf(name)}(${id}) args=${textOf(args)} kwargs=${textOf(kwargs)}`);
  }
  const task = uuid === undefined ? '' : ` ${names.get(id) ?? id}`;
  const shown = Object.entries(uuid === undefined ? rest : fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${textOf(value)}`);
  const what = textOf(type).replaceAll('-', ' ');
  return `${textOf(hostname)} [${at}] ${what}:${task} ${shown.join(', ')}`.trimEnd();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
