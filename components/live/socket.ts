import { io, type Socket } from 'socket.io-client';
import type { ClientToServer, ServerToClient } from '@/lib/contract/live.ts';
import { BASE_PATH } from './api.ts';

export type LiveSocket = Socket<ServerToClient, ClientToServer>;

/** Not connected yet: whoever owns it calls `connect` and `disconnect`. */
export function createLiveSocket(): LiveSocket {
  return io({
    path: `${BASE_PATH}/socket.io`,
    transports: ['websocket', 'polling'],
    autoConnect: false,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
  });
}
