// What travels between the receiving thread and the subscriber: blocks of bytes as Redis sent them, given back when they
// are consumed, and news about the connection. `bufferedBytes` is shared: received and not consumed yet.
import type { RedisTarget } from './open-redis.ts';

export const BLOCK_BYTES = 256 * 1024;
export const FLUSH_MS = 5;
export const MAX_BUFFERED_BYTES = 256 * 1024 * 1024;

type Resizable = ArrayBuffer & { resize(byteLength: number): void };
const ResizableBuffer = ArrayBuffer as unknown as new (
  byteLength: number,
  options: { maxByteLength: number },
) => Resizable;

/**
 * Resizable, though a block never changes its size: such memory comes from the system and goes back to it at once, while
 * the allocator would keep what a burst took for good.
 */
export function createBlock(): ArrayBuffer {
  return new ResizableBuffer(BLOCK_BYTES, { maxByteLength: BLOCK_BYTES });
}

export function releaseBlock(block: ArrayBuffer): void {
  (block as Resizable).resize(0);
}

export type ReceiverData = {
  target: RedisTarget;
  pattern: string;
  /** One Int32: bytes received and not consumed. */
  buffered: SharedArrayBuffer;
};

export type FromReceiver =
  | { type: 'block'; buffer: ArrayBuffer; length: number }
  /** A new connection begins: what follows starts with a frame. */
  | { type: 'opened'; overruns: number | null }
  | { type: 'lost'; at: number; reason: string; wasPaused: boolean }
  | { type: 'refused'; code: string; message: string };

export type ToReceiver =
  { type: 'consumed'; buffer: ArrayBuffer } | { type: 'stop' } | { type: 'drop' };
