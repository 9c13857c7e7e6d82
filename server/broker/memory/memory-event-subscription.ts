// Events of the memory broker, seen from a subscriber: each one is handed over and its bytes reported as consumed, so
// that the broker knows how far behind this side is.
import type { EventSink, EventSubscription } from '../transport.ts';
import type { MemoryLink } from './memory-link.ts';

const ACKNOWLEDGE_BYTES = 256 * 1024;

export async function subscribeMemoryEvents(
  link: MemoryLink,
  subscription: number,
  sink: EventSink,
): Promise<EventSubscription> {
  let consumedBytes = 0;
  const stopListening = link.listen((push) => {
    if (push.type === 'gap' && push.subscription === subscription) sink.onGap(push.gap);
    if (push.type !== 'event' || push.subscription !== subscription) return;
    const { body, ...rest } = push.event;
    sink.onEvents({ ...rest, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) });
    consumedBytes += body.byteLength;
    if (consumedBytes < ACKNOWLEDGE_BYTES) return;
    link.tell('eventsConsumed', { subscription, bytes: consumedBytes });
    consumedBytes = 0;
  });
  const name = `events ${String(subscription)}`;
  await link.last(name, (client) => client.call('subscribeEvents', { subscription }));
  return {
    bufferedBytes: () => 0,
    lost: () => null,
    close: async () => {
      stopListening();
      link.callOff(name);
      await link.call('unsubscribeEvents', { subscription }).catch(() => undefined);
    },
  };
}
