// The way to an embedded broker in another process of this machine: the messages of a MessagePort over a local socket, each with its length
// before it. It must not know what they say.
import { connect, type Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { AppError } from '../../core/errors.ts';
import type { BrokerPort } from './broker-port.ts';

const HEADER_BYTES = 4;
/** No message of a broker is larger; what says so is none. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The client's end. Rejects with AppError broker_unreachable when nobody holds a broker there. */
export function openSocketPort(path: string): Promise<BrokerPort> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const refuse = (error: Error) => {
      const text = `No worker holds an embedded broker at ${path}`;
      reject(new AppError('broker_unreachable', text, { cause: error }));
    };
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(toPort(socket));
    });
  });
}

/** A socket as a port. What cannot be read ends it. */
export function toPort(socket: Socket): BrokerPort {
  const listeners: ((message: unknown) => void)[] = [];
  let pending = Buffer.alloc(0);
  const takeFrame = (): Buffer | null => {
    if (pending.length < HEADER_BYTES) return null;
    const length = pending.readUInt32BE(0);
    if (length > MOST_BYTES) throw new RangeError('The message is too long');
    const end = HEADER_BYTES + length;
    if (pending.length < end) return null;
    const frame = pending.subarray(HEADER_BYTES, end);
    pending = pending.subarray(end);
    return frame;
  };
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    try {
      for (let frame = takeFrame(); frame !== null; frame = takeFrame()) {
        const message = deserialize(frame) as unknown;
        for (const listener of listeners) listener(message);
      }
    } catch {
      socket.destroy();
    }
  });
  // The end of the connection says it all.
  socket.on('error', () => undefined);
  return {
    postMessage: (message) => {
      if (socket.destroyed || socket.writableEnded) return;
      const body = serialize(message);
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32BE(body.length);
      socket.write(Buffer.concat([header, body]));
    },
    on: (_event, listener) => listeners.push(listener),
    once: (_event, listener) => socket.once('close', listener),
    close: () => socket.end(),
  };
}
