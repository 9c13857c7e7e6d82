// The worker's side of remote control: hears requests, runs the command, answers with its value or with the error as Python
// words it. It must not know what commands do.
import type { PyValue } from '../../lib/python/values.ts';
import { pythonRepr } from '../../lib/python/repr.ts';
import { decodeHello } from '../celery/control.ts';
import { toPyValue } from '../celery/fields.ts';
import type { LamportClock } from '../client/lamport-clock.ts';
import type { Logger } from '../core/logger.ts';
import { errorText } from '../core/errors.ts';
import type { Command, WorkerState } from './commands.ts';
import type { RevokedTasks } from './revoked-tasks.ts';

export async function serveCommands(
  state: WorkerState,
  commands: ReadonlyMap<string, Command>,
  logger: Logger,
): Promise<{ close(): Promise<void> }> {
  return state.app.transport.serveControl(state.hostname, (delivery) => {
    const { method, arguments: given } = delivery.request;
    state.lamport.adjust(delivery.headers['clock']);
    const answer = async () => {
      const value = await run(commands.get(method), method, given);
      if (value !== undefined) await delivery.reply(value);
    };
    answer().catch((error: unknown) => {
      logger.warn({ method, error: errorText(error) }, 'a command could not be answered');
    });
  });
}

async function run(
  command: Command | undefined,
  method: string,
  given: Record<string, unknown>,
): Promise<PyValue | undefined> {
  if (command === undefined) return { error: `KeyError(${pythonRepr(method)})` };
  try {
    return await command(given as Record<string, PyValue>);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Exception';
    return { error: `${name}(${pythonRepr(errorText(error))})` };
  }
}

/** Clock and revoked ids of another worker, from its hello or its answer to ours. */
export function adoptHello(value: unknown, lamport: LamportClock, revoked: RevokedTasks): void {
  const hello = decodeHello(toPyValue(value));
  if (!hello.ok) return;
  if (hello.value.clock !== null) lamport.adjust(hello.value.clock);
  for (const id of hello.value.revoked.keys()) if (!revoked.has(id)) revoked.add(id);
}
