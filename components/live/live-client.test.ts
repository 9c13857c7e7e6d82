import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { LiveAnnouncement, LivePicture } from '@/lib/contract/live.ts';
import { createLiveClient } from './live-client.ts';
import { newsBetween } from './news.ts';
import { mergePicture } from './pictures.ts';
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

  it('hands the last picture to a listener that comes later', () => {
    const { socket, line, incoming } = openLine();
    const client = createLiveClient(socket, () => 0);
    line.connect();
    client.subscribe({ cluster: 'demo', topic: 'workers' }, {});
    const picture: LivePicture = { topic: 'workers', data: [] };
    incoming.emit('picture', { cluster: 'demo', version: 3, at: 7, picture });
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
