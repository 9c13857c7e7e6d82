// The subscriber's side of the receiving thread: blocks of bytes in, event payloads out, and an account of every stretch
// in which events may have been missed. A thread that dies is replaced, with growing delays while the next ones die too.
import { backoffMs } from '../../core/backoff.ts';
import { AppError, errorText, type AppErrorCode } from '../../core/errors.ts';
import { startThread } from '../../core/threads.ts';
import { parseFanoutChannel, type FanoutOptions } from '../../celery/redis-layout.ts';
import type { EventSink, EventSubscription } from '../transport.ts';
import type { FromReceiver, ReceiverData, ToReceiver } from './event-blocks.ts';
import { EventEnvelopes } from './event-envelope.ts';
import type { RedisTarget } from './open-redis.ts';
import { RespFrames } from './resp-frames.ts';

/** The receiving thread makes nothing that lives long; what it was given once it would keep. */
const YOUNG_GENERATION_MB = 8;

const SAMPLE_BYTES = 200;
const MAX_KNOWN_CHANNELS = 10_000;
const RESTART_CAP_MS = 5000;
/** A Redis that answers again so soon was there all the time. */
const WAS_THERE_MS = 2000;

export type EventSubscriptionOptions = {
  target: RedisTarget;
  pattern: string;
  fanout: FanoutOptions;
  timeoutMs: number;
};

export async function subscribeRedisEvents(
  options: EventSubscriptionOptions,
  sink: EventSink,
): Promise<EventSubscription> {
  let current: Receiver | null = null;
  let restart: NodeJS.Timeout | null = null;
  let attempt = 0;
  let isClosing = false;
  const reader = createReader(options.fanout, sink, () => current?.tell({ type: 'drop' }));

  const start = () => {
    restart = null;
    current = startReceiver(options, {
      onMessage: (message) => {
        if (isClosing) return;
        if (message.type === 'block') reader.read(Buffer.from(message.buffer, 0, message.length));
        else reader.news(message);
      },
      onEnded: (reason) => {
        if (isClosing) return;
        current = null;
        reader.ended(reason);
        restart = setTimeout(start, backoffMs(attempt, { capMs: RESTART_CAP_MS }));
        attempt += 1;
      },
    });
  };
  const close = async () => {
    if (isClosing) return;
    isClosing = true;
    if (restart !== null) clearTimeout(restart);
    await current?.stop();
  };

  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new AppError('timeout', 'Redis did not confirm the subscription in time'));
    }, options.timeoutMs + options.target.open.connectTimeoutMs);
    const settle = (done: () => void) => {
      clearTimeout(timer);
      done();
    };
    reader.onSubscribed = () => {
      attempt = 0;
      settle(resolve);
    };
    reader.onRefused = (error) => settle(() => reject(error));
  });
  start();
  try {
    await ready;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    bufferedBytes: () => current?.bufferedBytes() ?? 0,
    lost: () => reader.lost(),
    close,
  };
}

type Receiver = {
  tell(message: ToReceiver): void;
  bufferedBytes(): number;
  stop(): Promise<void>;
};

/** One receiving thread. `onEnded` once, when it ends unasked. */
function startReceiver(
  { target, pattern }: EventSubscriptionOptions,
  parts: { onMessage: (message: FromReceiver) => void; onEnded: (reason: string) => void },
): Receiver {
  const shared = new SharedArrayBuffer(4);
  const buffered = new Int32Array(shared);
  const data: ReceiverData = { target, pattern, buffered: shared };
  const thread = startThread('broker/redis/event-thread', data, {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const tell = (message: ToReceiver, transfer: ArrayBuffer[] = []) =>
    thread.postMessage(message, transfer);
  let failure: string | null = null;
  let isStopping = false;
  thread.on('message', (message: FromReceiver) => {
    parts.onMessage(message);
    if (message.type !== 'block') return;
    Atomics.sub(buffered, 0, message.length);
    tell({ type: 'consumed', buffer: message.buffer }, [message.buffer]);
  });
  thread.on('error', (error) => {
    failure = errorText(error);
  });
  const exited = new Promise<void>((resolve) => {
    thread.once('exit', (code) => {
      resolve();
      if (!isStopping) parts.onEnded(failure ?? `it ended with ${code}`);
    });
  });
  return {
    tell,
    bufferedBytes: () => Math.max(0, Atomics.load(buffered, 0)),
    stop: async () => {
      isStopping = true;
      tell({ type: 'stop' });
      const timer = setTimeout(() => void thread.terminate(), 2000);
      await exited;
      clearTimeout(timer);
    },
  };
}

function createReader(fanout: FanoutOptions, sink: EventSink, drop: () => void) {
  const envelopes = new EventEnvelopes();
  const routingKeys = new Map<string, string | null>();
  let lost: { at: number; reason: string; wasPaused: boolean } | null = null;
  let overruns: number | null = null;
  let overrunsBefore: number | null = null;

  const routingKeyOf = (channel: string): string | null => {
    const known = routingKeys.get(channel);
    if (known !== undefined) return known;
    const key = parseFanoutChannel(Buffer.from(channel, 'latin1').toString('utf8'), fanout);
    if (routingKeys.size >= MAX_KNOWN_CHANNELS) routingKeys.clear();
    routingKeys.set(channel, key?.routingKey ?? null);
    return key?.routingKey ?? null;
  };

  const frames = new RespFrames({
    onMessage: (bytes, [channelStart, channelEnd], [start, end]) => {
      const routingKey = routingKeyOf(bytes.toString('latin1', channelStart, channelEnd));
      if (routingKey === null) return;
      const payload = envelopes.read(bytes, start, end, routingKey);
      if (payload.ok) sink.onEvents(payload.value);
      else {
        const sample = bytes.toString('utf8', start, Math.min(end, start + SAMPLE_BYTES));
        sink.onMalformed(payload.message, sample);
      }
    },
    onSubscribed: () => {
      reader.onSubscribed();
      if (lost === null) return;
      const isOverrun =
        lost.wasPaused ||
        (overruns !== null && overrunsBefore !== null && overruns > overrunsBefore);
      const [startedAt, endedAt] = [lost.at, Date.now()];
      const isGuess = !isOverrun && overruns === null && endedAt - startedAt < WAS_THERE_MS;
      const cutOff = 'cut the subscription off because it fell behind';
      const detail = isOverrun
        ? `Redis ${cutOff} (${lost.reason})`
        : `${lost.reason}${isGuess ? `. Perhaps it ${cutOff}: this version does not say` : ''}`;
      const cause = isOverrun ? 'buffer-overrun' : 'disconnected';
      sink.onGap({ cause, startedAt, endedAt, detail, lostCount: null });
      lost = null;
    },
    onError: (text) => {
      reader.onRefused(new AppError('broker_auth', `Redis refused the subscription: ${text}`));
    },
    onTooLarge: (size) => sink.onMalformed(`An event message of ${size} bytes was skipped`, ''),
    onBroken: (reason) => {
      sink.onMalformed(`The stream from Redis cannot be read: ${reason}`, '');
      drop();
    },
  });

  const reader = {
    onSubscribed: (): void => undefined,
    onRefused: (_error: AppError): void => undefined,
    lost: () => (lost === null ? null : { at: lost.at, reason: lost.reason }),
    read: (block: Buffer) => frames.write(block),
    news: (message: Exclude<FromReceiver, { type: 'block' }>) => {
      switch (message.type) {
        case 'opened':
          frames.reset();
          overrunsBefore = overruns;
          overruns = message.overruns;
          break;
        case 'lost':
          lost ??= message;
          break;
        case 'refused':
          reader.onRefused(new AppError(message.code as AppErrorCode, message.message));
      }
    },
    ended: (why: string) => {
      const reason = `The receiving thread ended: ${why}`;
      reader.onRefused(new AppError('internal', reason));
      lost ??= { at: Date.now(), reason, wasPaused: false };
    },
  };
  return reader;
}
