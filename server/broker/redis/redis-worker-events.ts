// The events that workers tell of themselves, for another worker: few enough for one connection of this thread. It keeps no account of what
// it missed.
import { parseFanoutChannel, type FanoutOptions } from '../../celery/redis-layout.ts';
import type { EventPayload } from '../transport.ts';
import { EventEnvelopes } from './event-envelope.ts';
import type { RedisTarget } from './open-redis.ts';
import { RedisLink } from './redis-link.ts';

export async function subscribeRedisWorkerEvents(
  parts: { target: RedisTarget; pattern: string; fanout: FanoutOptions },
  onEvent: (event: EventPayload) => void,
): Promise<{ close(): Promise<void> }> {
  const envelopes = new EventEnvelopes();
  let isClosed = false;
  const link = new RedisLink(parts.target, {
    prepare: async (redis) => {
      redis.on('pmessageBuffer', (_pattern: string, channel: Buffer, bytes: Buffer) => {
        // What was on its way when the connection was given up still arrives.
        if (isClosed) return;
        const place = parseFanoutChannel(channel.toString('utf8'), parts.fanout);
        if (place === null) return;
        const event = envelopes.read(bytes, 0, bytes.length, place.routingKey);
        if (event.ok) onEvent(event.value);
      });
      await redis.psubscribe(parts.pattern);
    },
  });
  await link.start();
  return {
    close: () => {
      isClosed = true;
      return link.stop();
    },
  };
}
