// Holds an embedded broker for the processes of this machine that know its path (memory:///path). Nothing outlives the process that holds it.
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AppError, errorText } from '../../core/errors.ts';
import { MemoryBroker } from './memory-broker.ts';
import { serveMemoryBroker } from './serve.ts';
import { toPort } from './socket-port.ts';

const OWNER_ONLY = 0o600;

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
  removeLeft(path);
  await listen(server, path);
  chmodSync(path, OWNER_ONLY);
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

/** What a broker that was killed left; never a file of somebody else's. */
function removeLeft(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    const text = `The embedded broker cannot be at ${path}: there is something else, which stays`;
    throw new AppError('bad_configuration', text);
  }
  rmSync(path, { force: true });
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
