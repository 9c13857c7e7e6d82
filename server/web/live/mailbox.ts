// One browser's side of the gateway. While its connection is behind, only the newest message of each topic is kept for it; a slow
// reader costs a bounded amount of memory and gets the truth as soon as it can take it.
import type { Socket } from 'socket.io';
import type { ClientToServer, ServerToClient } from '../../../lib/contract/index.ts';

export type LiveSocket = Socket<ClientToServer, ServerToClient, Record<string, never>>;

export type LiveMessage =
  | { event: 'picture'; message: Parameters<ServerToClient['picture']>[0] }
  | { event: 'announce'; message: Parameters<ServerToClient['announce']>[0] }
  | { event: 'trouble'; message: Parameters<ServerToClient['trouble']>[0] };

export class Mailbox {
  readonly #socket: LiveSocket;
  readonly #waiting = new Map<string, LiveMessage>();

  constructor(socket: LiveSocket) {
    this.#socket = socket;
    socket.conn.on('drain', () => this.#flush());
  }

  put(key: string, message: LiveMessage): void {
    if (this.#isBehind()) {
      this.#waiting.delete(key);
      this.#waiting.set(key, message);
    } else {
      this.#send(message);
    }
  }

  forget(key: string): void {
    this.#waiting.delete(key);
  }

  #flush(): void {
    for (const [key, message] of this.#waiting) {
      if (this.#isBehind()) return;
      this.#waiting.delete(key);
      this.#send(message);
    }
  }

  #isBehind(): boolean {
    const { writeBuffer } = this.#socket.conn as unknown as { writeBuffer: readonly unknown[] };
    return writeBuffer.length > 0;
  }

  #send(message: LiveMessage): void {
    if (message.event === 'picture') this.#socket.emit('picture', message.message);
    else if (message.event === 'announce') this.#socket.emit('announce', message.message);
    else this.#socket.emit('trouble', message.message);
  }
}
