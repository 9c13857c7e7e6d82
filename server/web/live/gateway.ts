// The live gateway: browsers subscribe to topics, store commits drive what is pushed. It only tells; it takes no commands.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { z } from 'zod';
import type { ClientToServer, ServerToClient } from '../../../lib/contract/index.ts';
import type { Guard } from '../auth/guard.ts';
import type { WebContext } from '../context.ts';
import type { WebCluster } from '../deps.ts';
import { Channel } from './channel.ts';
import { Mailbox, type LiveSocket } from './mailbox.ts';
import { parseTopic, type TopicRequest } from './topics.ts';

const PATH = '/socket.io';
const MAX_TOPICS = 50;
const MAX_MESSAGE_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 2_000;

const request = z.object({
  cluster: z.string().max(100),
  topic: z.string().max(600),
  range: z.string().max(10).optional(),
});

export type LiveGateway = { owns(request: IncomingMessage): boolean; close(): Promise<void> };

type Watched = {
  channels: Map<string, Channel>;
  totals: { newTotal: number; changedTotal: number };
};

export function openLiveGateway(
  httpServer: HttpServer,
  context: WebContext,
  guard: Guard,
): LiveGateway {
  const { clusters, logger } = context.deps;
  const io = new Server<ClientToServer, ServerToClient>(httpServer, {
    path: PATH,
    serveClient: false,
    destroyUpgrade: false,
    transports: ['polling', 'websocket'],
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    allowRequest: (incoming, answer) => {
      const verdict = guard.check(incoming, { open: false, ownOriginOnly: true });
      const full = io.engine.clientsCount >= MAX_CONNECTIONS;
      answer(verdict.ok ? null : verdict.detail, verdict.ok && !full);
    },
  });

  const run = randomUUID();
  const watched = new Map<string, Watched>();
  const stops = [...clusters.values()].map((cluster) => {
    const state: Watched = { channels: new Map(), totals: { newTotal: 0, changedTotal: 0 } };
    watched.set(cluster.name, state);
    return cluster.collector.onCommit((notice) => {
      state.totals = { newTotal: notice.newTotal, changedTotal: notice.changedTotal };
      for (const channel of state.channels.values()) channel.onCommit(notice);
    });
  });

  function join(cluster: WebCluster, topic: TopicRequest, mailbox: Mailbox): Channel | null {
    const state = watched.get(cluster.name);
    if (state === undefined) return null;
    const { channels, totals } = state;
    const key = `${topic.range} ${topic.topic}`;
    const channel =
      channels.get(key) ??
      new Channel({ key, run, cluster, request: topic, totals, clock: context.clock, logger });
    channels.set(key, channel);
    channel.add(mailbox);
    return channel;
  }

  function leave(clusterName: string, channel: Channel, mailbox: Mailbox): void {
    channel.remove(mailbox);
    if (!channel.isEmpty) return;
    channel.close();
    watched.get(clusterName)?.channels.delete(channel.key);
  }

  io.on('connection', (socket: LiveSocket) => {
    const mailbox = new Mailbox(socket);
    const joined = new Map<string, { cluster: string; channel: Channel }>();

    socket.on('subscribe', (raw: unknown, answer: unknown) => {
      const reply =
        typeof answer === 'function' ? (answer as (result: object) => void) : () => undefined;
      const parsed = request.safeParse(raw);
      const topic = parsed.success ? parseTopic(parsed.data.topic, parsed.data.range) : null;
      if (!parsed.success || topic === null) {
        reply({ ok: false, reason: 'There is no such topic.' });
        return;
      }
      const cluster = clusters.get(parsed.data.cluster);
      if (cluster === undefined) {
        reply({
          ok: false,
          reason: `There is no cluster of this name. Known: ${[...clusters.keys()].join(', ')}.`,
        });
        return;
      }
      const name = `${cluster.name} ${topic.topic}`;
      const before = joined.get(name);
      if (before === undefined && joined.size >= MAX_TOPICS) {
        reply({ ok: false, reason: `At most ${MAX_TOPICS} topics at once.` });
        return;
      }
      reply({ ok: true });
      const channel = join(cluster, topic, mailbox);
      if (channel === null) return;
      if (before !== undefined && before.channel !== channel)
        leave(cluster.name, before.channel, mailbox);
      joined.set(name, { cluster: cluster.name, channel });
    });

    socket.on('unsubscribe', (raw: unknown) => {
      const parsed = request.safeParse(raw);
      if (!parsed.success) return;
      const name = `${parsed.data.cluster} ${parsed.data.topic}`;
      const subscription = joined.get(name);
      if (subscription === undefined) return;
      joined.delete(name);
      leave(subscription.cluster, subscription.channel, mailbox);
    });

    socket.on('disconnect', () => {
      for (const { cluster, channel } of joined.values()) leave(cluster, channel, mailbox);
      joined.clear();
    });
  });

  return {
    owns: (incoming) => (incoming.url ?? '').startsWith(PATH),
    async close() {
      for (const stop of stops) stop();
      io.disconnectSockets(true);
      for (const { channels } of watched.values()) {
        for (const channel of channels.values()) channel.close();
        channels.clear();
      }
      io.engine.close();
    },
  };
}
