// The receiving thread: subscribes to the event channels and hands the bytes on as they come. It never decodes, so that a
// burst is off Redis' output buffer before Redis loses patience; when too much is waiting it stops reading. ioredis opens
// the connection (TLS, sentinels, credentials); after that the byte stream is ours.
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Redis } from 'ioredis';
import { isAppError, errorText } from '../../core/errors.ts';
import { ConnectionState } from '../connection-state.ts';
import { Supervisor } from '../supervisor.ts';
import {
  BLOCK_BYTES,
  createBlock,
  FLUSH_MS,
  MAX_BUFFERED_BYTES,
  releaseBlock,
  type FromReceiver,
  type ReceiverData,
  type ToReceiver,
} from './event-blocks.ts';
import { openRedis } from './open-redis.ts';

const { data } = workerData as { data: ReceiverData };
const { target, pattern } = data;
const buffered = new Int32Array(data.buffered);
/** Silent is a Redis that has left three PINGs without an answer, each for as long as a command may take. */
const heartbeatMs = target.open.commandTimeoutMs ?? 5000;
const silenceMs = 3 * heartbeatMs;
const PRIORITY = -10;
/** Blocks kept for what comes next: while events come, and at rest. */
const MOST_SPARE = 128;
const SPARE_AT_REST = 8;

const spare: ArrayBuffer[] = [];
let fewestSpare = 0;
let block = Buffer.from(createBlock(), 0, BLOCK_BYTES);
let filled = 0;
let flushTimer: NodeJS.Timeout | null = null;
let current: Redis | null = null;
let isPaused = false;
let lastDataAt = 0;

/** Ahead of the threads that decode, where the system allows it (Linux, as root): Redis does not wait for its turn. */
function goAhead(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    if (thread > 0) setPriority(thread, PRIORITY);
  } catch {
    return;
  }
}

function send(message: FromReceiver, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function flush(): void {
  if (flushTimer !== null) clearTimeout(flushTimer);
  flushTimer = null;
  if (filled === 0) return;
  const { buffer } = block;
  send({ type: 'block', buffer, length: filled }, [buffer]);
  block = Buffer.from(spare.pop() ?? createBlock(), 0, BLOCK_BYTES);
  fewestSpare = Math.min(fewestSpare, spare.length);
  filled = 0;
}

/** A consumer that is behind gets full blocks only. */
function flushSoon(): void {
  flushTimer = null;
  if (Atomics.load(buffered, 0) - filled > 2 * BLOCK_BYTES)
    flushTimer = setTimeout(flushSoon, FLUSH_MS);
  else flush();
}

function receive(chunk: Buffer): void {
  lastDataAt = Date.now();
  const waiting = Atomics.add(buffered, 0, chunk.length) + chunk.length;
  for (let from = 0; from < chunk.length;) {
    const copied = chunk.copy(block, filled, from);
    filled += copied;
    from += copied;
    if (filled === BLOCK_BYTES) flush();
  }
  if (filled > 0) flushTimer ??= setTimeout(flushSoon, FLUSH_MS);
  if (waiting >= MAX_BUFFERED_BYTES && !isPaused) {
    isPaused = true;
    current?.stream.pause();
  }
}

function resumeWhenRoom(): void {
  if (!isPaused || Atomics.load(buffered, 0) > MAX_BUFFERED_BYTES * 0.75) return;
  isPaused = false;
  lastDataAt = Date.now();
  current?.stream.resume();
}

function command(...words: string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

/** How often Redis has cut off clients that were too slow; null when this Redis does not count it. */
async function overrunsOf(redis: Redis): Promise<number | null> {
  const info = await redis.info('stats').catch(() => '');
  const match = /client_output_buffer_limit_disconnections:(\d+)/.exec(info);
  return match === null ? null : Number(match[1]);
}

function wasSilent(): boolean {
  return !isPaused && Date.now() - lastDataAt > silenceMs;
}

const supervisor: Supervisor<Redis> = new Supervisor<Redis>({
  state: new ConnectionState(),
  open: (lost) => openRedis(target, lost),
  prepare: async (redis) => {
    const overruns = await overrunsOf(redis);
    flush();
    send({ type: 'opened', overruns });
    redis.stream.removeAllListeners('data');
    redis.stream.on('data', receive);
    current = redis;
    isPaused = false;
    lastDataAt = Date.now();
    redis.stream.write(command('PSUBSCRIBE', pattern));
  },
  discard: (redis) => redis.disconnect(),
  onDown: (reason) => {
    flush();
    // A silent connection was lost with its last sign of life, not when that was noticed.
    const at = wasSilent() ? lastDataAt : Date.now();
    send({ type: 'lost', at, reason, wasPaused: isPaused });
    current = null;
  },
});

/** Of the blocks that nobody needed since the last time, few are kept. */
function giveBack(): void {
  const unneeded = fewestSpare - SPARE_AT_REST;
  fewestSpare = spare.length;
  if (unneeded <= 0) return;
  for (const unused of spare.splice(SPARE_AT_REST, unneeded)) releaseBlock(unused);
  fewestSpare = spare.length;
}

const heartbeat = setInterval(() => {
  giveBack();
  if (current === null || isPaused) return;
  if (wasSilent()) current.stream.destroy(new Error(`no answer for ${silenceMs} ms`));
  else current.stream.write(command('PING'));
}, heartbeatMs);

parentPort?.on('message', (message: ToReceiver) => {
  switch (message.type) {
    case 'consumed':
      if (spare.length < MOST_SPARE) spare.push(message.buffer);
      else releaseBlock(message.buffer);
      resumeWhenRoom();
      break;
    case 'drop':
      current?.stream.destroy();
      break;
    case 'stop':
      clearInterval(heartbeat);
      void supervisor.stop().then(() => parentPort?.close());
  }
});

goAhead();
supervisor.start().catch((error: unknown) => {
  const code = isAppError(error) ? error.code : 'broker_unreachable';
  send({ type: 'refused', code, message: errorText(error) });
});
