// Serves a memory broker to one client over a MessagePort, which may lead to another thread. When the port closes, what
// the client held goes back.
import type { MessagePort } from 'node:worker_threads';
import { AppError, errorText } from '../../core/errors.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { FromBroker, MemorySession, PortRequest } from './protocol.ts';

/** Answers a function that stops serving and closes the port. */
export function serveMemoryBroker(broker: MemoryBroker, port: MessagePort): () => void {
  const send = (message: FromBroker) => port.postMessage(message);
  const { session, end } = broker.open(send);
  port.on('message', (request: PortRequest) => send(answer(session, request)));
  port.once('close', end);
  return () => port.close();
}

function answer(session: MemorySession, { id, operation, arg }: PortRequest): FromBroker {
  try {
    if (!Object.hasOwn(session, operation)) {
      throw new AppError('unsupported', `The memory broker does not know ${operation}`);
    }
    const operations = session as unknown as Record<string, (arg: unknown) => unknown>;
    return { type: 'answer', id, value: operations[operation]?.(arg) };
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'internal';
    return { type: 'refusal', id, code, message: errorText(error) };
  }
}
