// From PUBLISH in Redis to a picture at a browser's socket: marked tasks among a steady stream, each awaited at the socket.
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { io, type Socket } from 'socket.io-client';
import type { Scores } from './goals.ts';
import { median, pause, percentile, printTable, progress, round } from './measure.ts';
import { publish, startSubject } from './subject.ts';

type Picture = { picture: { topic: string; data: unknown } };

export async function measureDelay(rate: number, markers: number, scores: Scores): Promise<void> {
  progress('publish to page');
  const subject = await startSubject();
  const socket = io(subject.umbel.url, { transports: ['websocket'] });
  const redis = new Redis(subject.redis.url);
  try {
    await new Promise<void>((resolve) => {
      socket.on('connect', resolve);
    });
    const load = publish(subject.redis.port, [
      '--rate',
      String(rate),
      '--seconds',
      String(Math.ceil(markers * 0.5) + 5),
    ]);
    await pause(3000);
    const delays: number[] = [];
    for (let turn = 0; turn < markers; turn += 1) {
      delays.push(await markerDelay(socket, redis));
      await pause(50 + ((turn * 97) % 250));
    }
    await load;
    scores.report('delay', percentile(delays, 0.95));
    printTable('Publish to page, at the socket', [
      {
        'events/s': rate,
        markers,
        'p50 ms': round(median(delays), 0),
        'p95 ms': round(percentile(delays, 0.95), 0),
        'max ms': round(Math.max(...delays), 0),
      },
    ]);
  } finally {
    redis.disconnect();
    socket.close();
    await subject.stop();
  }
}

async function markerDelay(socket: Socket, redis: Redis): Promise<number> {
  const id = randomUUID();
  const topic = `task:${id}`;
  const arrived = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a marked task did not arrive')), 20_000);
    const onPicture = (message: Picture) => {
      if (message.picture.topic !== topic || message.picture.data === null) return;
      socket.off('picture', onPicture);
      clearTimeout(timer);
      resolve(performance.now());
    };
    socket.on('picture', onPicture);
  });
  await socket.emitWithAck('subscribe', { cluster: 'default', topic });
  const publishedAt = performance.now();
  await redis.publish('/0.celeryev/task.sent', sentEvent(id));
  const delay = (await arrived) - publishedAt;
  socket.emit('unsubscribe', { cluster: 'default', topic });
  return delay;
}

function sentEvent(id: string): string {
  const event = {
    type: 'task-sent',
    uuid: id,
    name: 'bench.marker',
    args: '()',
    kwargs: '{}',
    root_id: id,
    parent_id: null,
    retries: 0,
    eta: null,
    expires: null,
    queue: 'celery',
    exchange: '',
    routing_key: 'celery',
    hostname: 'gen1@bench',
    utcoffset: 0,
    pid: 1,
    clock: 1,
    timestamp: Date.now() / 1000,
  };
  const properties = {
    delivery_mode: 1,
    delivery_info: { exchange: 'celeryev', routing_key: 'task.sent' },
    priority: 0,
    body_encoding: 'base64',
    delivery_tag: randomUUID(),
  };
  const body = Buffer.from(JSON.stringify(event)).toString('base64');
  return JSON.stringify({
    body,
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { hostname: 'gen1@bench' },
    properties,
  });
}
