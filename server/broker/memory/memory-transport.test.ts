import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTempDir, removeTempDir } from '../../../e2e/fixtures/servers/temp-dir.ts';
import { startThread } from '../../core/threads.ts';
import { createTransport } from '../connect.ts';
import {
  describeTransport,
  eventMessage,
  recordingSink,
  taskMessage,
} from '../transport.contract.ts';
import { hostMemoryBroker } from './host.ts';
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

describeTransport('memory (over a socket)', () => {
  const directory = makeTempDir('socket');
  const path = join(directory, 'broker.sock');
  const hosting = hostMemoryBroker(path);
  return {
    open: async () => {
      await hosting;
      const transport = createTransport({ url: `memory://${path}`, timeoutMs: 10_000 });
      await transport.connect();
      return transport;
    },
    reset: async () => {
      await (await hosting)?.close();
      removeTempDir(directory);
    },
  };
});

describe('a host of the memory broker', () => {
  const directory = makeTempDir('host');
  const path = join(directory, 'broker.sock');
  const open = () => createTransport({ url: `memory://${path}` });
  afterAll(() => {
    removeTempDir(directory);
  });

  it('is one for a path, survives what is no client, and takes the place of one that died', async () => {
    await leaveSocket(path);
    const host = await hostMemoryBroker(path);
    expect(await hostMemoryBroker(path)).toBeNull();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const bytes of [
      [0, 0, 0, 3, 1, 2, 3],
      [255, 255, 255, 255],
    ]) {
      const noise = connect(path);
      noise.on('error', () => undefined);
      noise.write(Buffer.from(bytes));
      await new Promise((resolve) => noise.once('close', resolve));
    }
    const transport = open();
    await transport.connect();
    await host?.close();
    await expect(transport.declareQueue('gone')).rejects.toMatchObject({
      code: 'broker_unreachable',
    });
    await transport.close();
    const nobody = open();
    await expect(nobody.connect()).rejects.toMatchObject({ code: 'broker_unreachable' });
    await nobody.close();
    const unusable = hostMemoryBroker(join(directory, 'no', 'such', 'place'));
    await expect(unusable).rejects.toMatchObject({ code: 'bad_configuration' });
  });

  it('leaves alone what is no socket', async () => {
    const file = join(directory, 'letter.txt');
    writeFileSync(file, 'dear reader');
    await expect(hostMemoryBroker(file)).rejects.toMatchObject({ code: 'bad_configuration' });
    expect(readFileSync(file, 'utf8')).toBe('dear reader');
  });
});

/** As a process leaves it that is killed. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script]);
  await new Promise((resolve) => child.once('exit', resolve));
}

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
