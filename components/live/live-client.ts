import type { LiveAnnouncement, LivePicture, LiveTopic } from '@/lib/contract/live.ts';
import { newsBetween, type News } from './news.ts';
import type { LiveSocket } from './socket.ts';
import { createStore, type ValueStore } from './store.ts';

/** `lostAt` to `backAt` without connection; `news` null: how much happened meanwhile is not known. */
export type Missed = { cluster: string | null; lostAt: number; backAt: number; news: News | null };

export type LinkState = {
  state: 'connecting' | 'connected' | 'reconnecting';
  since: number;
  /** Grows with every reconnection: what was fetched before is to be fetched again. */
  epoch: number;
  missed: Missed | null;
};

export type PictureMessage = { run: string; version: number; at: number; picture: LivePicture };
export type TopicListener = {
  onPicture?(message: PictureMessage): void;
  onAnnounce?(announcement: LiveAnnouncement): void;
  onTrouble?(trouble: { code: string; detail: string }): void;
};

export interface LiveClient {
  readonly link: ValueStore<LinkState>;
  /** Several listeners of one topic share one subscription at the server. */
  subscribe(
    of: { cluster: string; topic: LiveTopic; range?: string | undefined },
    listener: TopicListener,
  ): () => void;
  dismissMissed(): void;
  open(): void;
  close(): void;
}

type Subscription = {
  cluster: string;
  topic: LiveTopic;
  range: string | undefined;
  listeners: Set<TopicListener>;
  lastPicture: PictureMessage | null;
};

/** Of another run of the server nothing is older: its history may have begun anew. */
function isOlder(next: PictureMessage, last: PictureMessage): boolean {
  return next.run === last.run && next.version < last.version;
}

const keyOf = (cluster: string, topic: string) => `${cluster}\n${topic}`;

export function createLiveClient(socket: LiveSocket, now: () => number = Date.now): LiveClient {
  const link = createStore<LinkState>({
    state: 'connecting',
    since: now(),
    epoch: 0,
    missed: null,
  });
  const subscriptions = new Map<string, Subscription>();
  const lastAnnounced = new Map<string, LiveAnnouncement>();
  const beforeLoss = new Map<string, LiveAnnouncement>();
  let lostAt: number | null = null;

  function ask(one: Subscription) {
    if (!socket.connected) return;
    const { cluster, topic, range } = one;
    socket.emit(
      'subscribe',
      { cluster, topic, ...(range === undefined ? {} : { range }) },
      (answer) => {
        if (answer.ok) return;
        for (const listener of one.listeners) {
          listener.onTrouble?.({ code: 'refused', detail: answer.reason ?? 'not available' });
        }
      },
    );
  }

  socket.on('connect', () => {
    const again = lostAt !== null;
    const missed = lostAt === null ? null : { cluster: null, lostAt, backAt: now(), news: null };
    lostAt = null;
    beforeLoss.clear();
    if (again) for (const [key, value] of lastAnnounced) beforeLoss.set(key, value);
    link.update((was) => ({
      state: 'connected',
      since: now(),
      epoch: again ? was.epoch + 1 : was.epoch,
      missed: missed ?? was.missed,
    }));
    for (const one of subscriptions.values()) ask(one);
  });

  socket.on('disconnect', () => {
    lostAt ??= now();
    link.update((was) => ({ ...was, state: 'reconnecting', since: now() }));
  });

  socket.on('connect_error', () => {
    link.update((was) => (was.state === 'connected' ? { ...was, state: 'reconnecting' } : was));
  });

  socket.on('picture', ({ cluster, run, version, at, range, picture }) => {
    const one = subscriptions.get(keyOf(cluster, picture.topic));
    if (one === undefined || (one.range !== undefined && one.range !== range)) return;
    const next = { run, version, at, picture };
    if (one.lastPicture !== null && isOlder(next, one.lastPicture)) return;
    one.lastPicture = next;
    for (const listener of one.listeners) listener.onPicture?.(one.lastPicture);
  });

  socket.on('announce', ({ cluster, announcement }) => {
    const key = keyOf(cluster, announcement.topic);
    const before = beforeLoss.get(key);
    lastAnnounced.set(key, announcement);
    if (before !== undefined && announcement.topic === 'tasks') {
      beforeLoss.delete(key);
      link.update((was) =>
        was.missed === null
          ? was
          : { ...was, missed: { ...was.missed, cluster, news: newsBetween(before, announcement) } },
      );
    }
    for (const listener of subscriptions.get(key)?.listeners ?? []) {
      listener.onAnnounce?.(announcement);
    }
  });

  socket.on('trouble', ({ cluster, topic, code, detail }) => {
    for (const listener of subscriptions.get(keyOf(cluster, topic))?.listeners ?? []) {
      listener.onTrouble?.({ code, detail });
    }
  });

  return {
    link,
    subscribe({ cluster, topic, range }, listener) {
      const key = keyOf(cluster, topic);
      let one = subscriptions.get(key);
      if (one === undefined) {
        one = { cluster, topic, range, listeners: new Set(), lastPicture: null };
        subscriptions.set(key, one);
        ask(one);
      } else if (range !== undefined && range !== one.range) {
        one.range = range;
        one.lastPicture = null;
        ask(one);
      } else if (one.lastPicture !== null) {
        listener.onPicture?.(one.lastPicture);
      }
      const mine = one;
      mine.listeners.add(listener);
      return () => {
        mine.listeners.delete(listener);
        if (mine.listeners.size > 0 || subscriptions.get(key) !== mine) return;
        subscriptions.delete(key);
        if (socket.connected) socket.emit('unsubscribe', { cluster, topic });
      };
    },
    dismissMissed: () =>
      link.update((was) => (was.missed === null ? was : { ...was, missed: null })),
    open: () => void socket.connect(),
    close: () => void socket.disconnect(),
  };
}
