// Asks workers, and prints their answers as they come, or as one JSON object at the end.
import { isPyDict } from '../../../lib/python/values.ts';
import type { ControlReply, ControlRequest } from '../../broker/transport.ts';
import type { Celery } from '../../client/celery.ts';
import { EXIT_OK, EXIT_UNAVAILABLE, type CommandContext } from './context.ts';
import type { Output } from './output.ts';

export type AskFlags = { timeout: number; destination?: string[]; json?: boolean };

export async function askWorkers(
  { globals, output }: CommandContext,
  app: Celery,
  request: Pick<ControlRequest, 'method' | 'arguments'>,
  { timeout, destination, json }: AskFlags,
  { hasBody }: { hasBody: boolean },
): Promise<number> {
  const onReply = (reply: ControlReply) => {
    if (json !== true) printReply(output, reply, hasBody);
  };
  const replies = await app.transport.gather(
    { ...request, destination: destination ?? null },
    { timeoutMs: timeout * 1000, onReply },
  );
  if (replies.length === 0) {
    output.error('Error: No nodes replied within time constraint');
    return EXIT_UNAVAILABLE;
  }
  if (json === true) {
    const all = replies.map(({ hostname, value }) => [hostname, value] as const);
    output.line(JSON.stringify(Object.fromEntries(all)));
  } else if (!globals.isQuiet) {
    output.line(`\n${String(replies.length)} ${replies.length === 1 ? 'node' : 'nodes'} online.`);
  }
  return EXIT_OK;
}

function printReply(output: Output, { hostname, value }: ControlReply, hasBody: boolean): void {
  const { isOk, text } = pretty(value);
  const status = isOk ? output.style('OK', 'green') : output.style('ERROR', 'red');
  output.line(`${output.style('->', 'bold')}  ${output.style(hostname, 'cyan')}: ${status}`);
  if (hasBody) output.line(indent(text));
}

function pretty(value: unknown): { isOk: boolean; text: string } {
  if (Array.isArray(value)) {
    const lines = value.map(
      (item) => `* ${typeof item === 'string' ? item : JSON.stringify(item)}`,
    );
    return { isOk: true, text: lines.length === 0 ? '- empty -' : lines.join('\n') };
  }
  if (isPyDict(value) && ('ok' in value || 'error' in value)) {
    const isOk = 'ok' in value;
    return { isOk, text: pretty(isOk ? value['ok'] : value['error']).text };
  }
  return { isOk: true, text: typeof value === 'string' ? value : JSON.stringify(value, null, 4) };
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
