// Holds an embedded broker for the processes of this machine that know its path (memory:///path). Nothing outlives the process that holds it.
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AppError, errorText } from '../../core/errors.ts';
import { MemoryBroker } from './memory-broker.ts';
import { serveMemoryBroker } from './serve.ts';
import { toPort } from './socket-port.ts';

/** Null when another process holds one there. Throws AppError bad_configuration when the path cannot be used. */
export async function hostMemoryBroker(path: string): Promise<{ close(): Promise<void> } | null> {
  const broker = new MemoryBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveMemoryBroker(broker, toPort(socket));
  });
  if (await isHeld(path)) return null;
  rmSync(path, { force: true });
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const text = `The embedded broker cannot be at ${path}: ${errorText(error)}`;
      reject(new AppError('bad_configuration', text, { cause: error }));
    });
    server.listen(path, resolve);
  });
}
