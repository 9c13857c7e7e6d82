import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { startThread } from '../../core/threads.ts';
import { createTransport } from '../connect.ts';
import {
  describeTransport,
  eventMessage,
  recordingSink,
  taskMessage,
} from '../transport.contract.ts';
import { MemoryBroker } from './memory-broker.ts';
import { serveMemoryBroker } from './serve.ts';

function openPort(broker: MemoryBroker) {
  const { port1, port2 } = new MessageChannel();
  serveMemoryBroker(broker, port1);
  return port2;
}

describeTransport('memory (same thread)', () => {
  const broker = new MemoryBroker();
  return {
    open: async () => {
      const transport = createTransport({ url: 'memory://', port: openPort(broker) });
      await transport.connect();
      return transport;
    },
    reset: () => Promise.resolve(),
  };
});

describeTransport('memory (across threads)', () => {
  const control = new MessageChannel();
  const thread = startThread(
    new URL('./memory-test-thread.ts', import.meta.url),
    { control: control.port2 },
    { transferList: [control.port2] },
  );
  return {
    open: async () => {
      const { port1, port2 } = new MessageChannel();
      control.port1.postMessage(port1, [port1]);
      const transport = createTransport({ url: 'memory://', port: port2, timeoutMs: 10_000 });
      await transport.connect();
      return transport;
    },
    reset: async () => {
      control.port1.close();
      await thread.terminate();
    },
  };
});

describe('the memory broker', () => {
  it('refuses messages when it is full', async () => {
    const broker = new MemoryBroker({ maxMessages: 2 });
    const transport = createTransport({ url: 'memory://', port: openPort(broker) });
    await transport.connect();
    const target = { exchange: '', routingKey: 'q' };
    await transport.publish(taskMessage('a'), target);
    await transport.publish(taskMessage('b'), target);
    await expect(transport.publish(taskMessage('c'), target)).rejects.toMatchObject({
      code: 'broker_refused',
    });
    await transport.close();
  });

  it('drops events for a subscriber that is too far behind, and tells it', async () => {
    const broker = new MemoryBroker({ maxEventBytes: 1000 });
    const publisher = createTransport({ url: 'memory://', port: openPort(broker) });
    const subscriber = createTransport({ url: 'memory://', port: openPort(broker) });
    await Promise.all([publisher.connect(), subscriber.connect()]);
    const { sink, events } = recordingSink();
    const lagging = openPort(broker);
    const gaps: unknown[] = [];
    lagging.on('message', (message: { type: string }) => {
      if (message.type === 'gap') gaps.push(message);
    });
    lagging.postMessage({ id: 1, operation: 'subscribeEvents', arg: { subscription: 7 } });
    await subscriber.subscribeEvents(sink);
    for (let index = 0; index < 3; index += 1) {
      await publisher.publishEvent(eventMessage('x'.repeat(600)), 'task.multi');
    }
    lagging.postMessage({
      id: 2,
      operation: 'eventsConsumed',
      arg: { subscription: 7, bytes: 600 },
    });
    await expect.poll(() => gaps).toMatchObject([{ gap: { cause: 'buffer-overrun' } }]);
    expect(events.length).toBeGreaterThan(0);
    lagging.close();
    await Promise.all([publisher.close(), subscriber.close()]);
  });

  it('gives messages back when the port of a consumer is lost', async () => {
    const broker = new MemoryBroker();
    const transport = createTransport({ url: 'memory://', port: openPort(broker) });
    const other = createTransport({ url: 'memory://', port: openPort(broker) });
    await Promise.all([transport.connect(), other.connect()]);
    await transport.publish(taskMessage('a'), { exchange: '', routingKey: 'q' });
    let delivered = 0;
    await transport.consume(['q'], { prefetch: 1 }, () => (delivered += 1));
    await expect.poll(() => delivered).toBe(1);
    await transport.close();
    await expect.poll(async () => (await other.measureQueues(['q']))[0]?.ready).toBe(1);
    await other.close();
  });
});
