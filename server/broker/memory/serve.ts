// Serves a memory broker to one client over a port, which may lead to another thread or process. When the port closes, what
// the client held goes back.
import { AppError, errorText } from '../../core/errors.ts';
import type { BrokerPort } from './broker-port.ts';
import type { MemoryBroker } from './memory-broker.ts';
import type { FromBroker, MemorySession, PortRequest } from './protocol.ts';

/** Answers a function that stops serving and closes the port. */
export function serveMemoryBroker(broker: MemoryBroker, port: BrokerPort): () => void {
  const send = (message: FromBroker) => port.postMessage(message);
  const { session, end } = broker.open(send);
  port.on('message', (request) => {
    send(answer(session, request as PortRequest));
  });
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
