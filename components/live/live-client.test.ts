import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LiveAnnouncement, LivePicture } from '@/lib/contract/live.ts';
import { createLiveClient } from './live-client.ts';
import { newsBetween } from './news.ts';
import { mergePicture, withPicture } from './pictures.ts';
import type { LiveSocket } from './socket.ts';

type Sent = { event: string; body: { cluster: string; topic: string; range?: string } };

function openLine() {
  const incoming = new EventEmitter();
  const sent: Sent[] = [];
  const line = {
    connected: false,
    on: (name: string, listener: (...args: unknown[]) => void) => incoming.on(name, listener),
    emit: (event: string, body: Sent['body']) => sent.push({ event, body }),
    connect() {
      line.connected = true;
      incoming.emit('connect');
    },
    disconnect() {
      line.connected = false;
      incoming.emit('disconnect');
    },
  };
  return { socket: line as unknown as LiveSocket, line, incoming, sent };
}

const head = { cluster: 'demo', run: 'a', at: 7, range: '1h' };

const announcement = (newTotal: number, changedTotal: number): LiveAnnouncement => ({
  topic: 'tasks',
  version: newTotal + changedTotal,
  newTotal,
  changedTotal,
});

describe('live client', () => {
  it('subscribes once a topic, and leaves it with its last listener', () => {
    const { socket, line, sent } = openLine();
    const client = createLiveClient(socket, () => 0);
    line.connect();
    const first = client.subscribe({ cluster: 'demo', topic: 'workers' }, {});
    const second = client.subscribe({ cluster: 'demo', topic: 'workers' }, {});
    expect(sent.map((one) => one.event)).toEqual(['subscribe']);
    first();
    expect(sent).toHaveLength(1);
    second();
    expect(sent.map((one) => one.event)).toEqual(['subscribe', 'unsubscribe']);
  });

  it('asks for every topic again after a lost connection, and tells what was missed', () => {
    let time = 1000;
    const { socket, line, incoming, sent } = openLine();
    const client = createLiveClient(socket, () => time);
    line.connect();
    client.subscribe({ cluster: 'demo', topic: 'tasks' }, {});
    incoming.emit('announce', { cluster: 'demo', at: 1, announcement: announcement(10, 50) });
    time = 5000;
    line.disconnect();
    expect(client.link.get().state).toBe('reconnecting');
    time = 9000;
    line.connect();
    expect(sent.filter((one) => one.event === 'subscribe')).toHaveLength(2);
    expect(client.link.get()).toMatchObject({
      epoch: 1,
      missed: { lostAt: 5000, backAt: 9000, news: null },
    });
    incoming.emit('announce', { cluster: 'demo', at: 2, announcement: announcement(22, 51) });
    expect(client.link.get().missed).toEqual({
      cluster: 'demo',
      lostAt: 5000,
      backAt: 9000,
      news: { newCount: 12, changedCount: 1 },
    });
    client.dismissMissed();
    expect(client.link.get().missed).toBeNull();
  });

  it('takes no picture that is older than the last one, except of another run of the server', () => {
    const { socket, line, incoming } = openLine();
    const client = createLiveClient(socket, () => 0);
    line.connect();
    const seen: (string | number)[] = [];
    client.subscribe(
      { cluster: 'demo', topic: 'workers' },
      { onPicture: ({ run, version }) => seen.push(`${run}${version}`) },
    );
    const picture: LivePicture = { topic: 'workers', data: [] };
    for (const [run, version] of [
      ['a', 1],
      ['a', 0],
      ['a', 7],
      ['a', 7],
      ['a', 6],
      ['b', 2],
      ['b', 1],
    ] as const) {
      incoming.emit('picture', { ...head, run, version, picture });
    }
    expect(seen).toEqual(['a1', 'a7', 'a7', 'b2']);
  });

  it('takes no picture of a range that is not looked at any more', () => {
    const { socket, line, incoming } = openLine();
    const client = createLiveClient(socket, () => 0);
    line.connect();
    const seen: number[] = [];
    const onPicture = ({ version }: { version: number }) => seen.push(version);
    client.subscribe({ cluster: 'demo', topic: 'workers', range: '1h' }, { onPicture });
    client.subscribe({ cluster: 'demo', topic: 'workers', range: '6h' }, {});
    const picture: LivePicture = { topic: 'workers', data: [] };
    incoming.emit('picture', { ...head, version: 1, range: '1h', picture });
    incoming.emit('picture', { ...head, version: 2, range: '6h', picture });
    expect(seen).toEqual([2]);
  });

  it('hands the last picture to a listener that comes later', () => {
    const { socket, line, incoming } = openLine();
    const client = createLiveClient(socket, () => 0);
    line.connect();
    client.subscribe({ cluster: 'demo', topic: 'workers' }, {});
    const picture: LivePicture = { topic: 'workers', data: [] };
    incoming.emit('picture', { ...head, version: 3, picture });
    const seen: number[] = [];
    client.subscribe(
      { cluster: 'demo', topic: 'workers' },
      { onPicture: (message) => seen.push(message.version) },
    );
    expect(seen).toEqual([3]);
  });
});

describe('newsBetween', () => {
  it('does not invent a figure when the server was started anew', () => {
    expect(newsBetween(announcement(10, 5), announcement(2, 1))).toBeNull();
    expect(newsBetween(announcement(10, 5), announcement(10, 9))).toEqual({
      newCount: 0,
      changedCount: 4,
    });
  });
});

describe('withPicture', () => {
  const schema = z.object({ items: z.array(z.unknown()), version: z.number(), at: z.number() });
  const fetched = { items: ['old'], version: 4, at: 4 };

  it('keeps a picture that came while the API was asked', () => {
    const message = { version: 5, at: 9, picture: { topic: 'workers', data: [] } as LivePicture };
    expect(withPicture(schema, fetched, message)).toEqual({ items: [], version: 5, at: 9 });
  });

  it('takes the answer where none came, or where it fits no page', () => {
    expect(withPicture(schema, fetched, null)).toEqual(fetched);
    const message = { version: 5, at: 9, picture: { topic: 'task:x', data: null } as LivePicture };
    expect(withPicture(schema, fetched, message)).toEqual(fetched);
  });
});

describe('mergePicture', () => {
  it('puts a bare list into the envelope that is there', () => {
    const present = { items: [1], discovery: { complete: true, reason: null }, version: 1, at: 1 };
    const picture: LivePicture = { topic: 'queues', data: [] };
    expect(mergePicture(present, picture, { version: 2, at: 5 })).toEqual({
      items: [],
      discovery: { complete: true, reason: null },
      version: 2,
      at: 5,
    });
    expect(mergePicture(undefined, picture, { version: 2, at: 5 })).toBeUndefined();
  });
});
