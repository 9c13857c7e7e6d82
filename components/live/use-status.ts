'use client';

import { useSyncExternalStore } from 'react';
import { clusterStatus, type ConnectionStatus } from '@/lib/contract/overview.ts';
import { useHoldReason, type HoldReason } from './hold.ts';
import type { Missed } from './live-client.ts';
import { useLiveClient } from './live-context.tsx';
import { useLiveQuery } from './use-live-query.ts';

export function useClusterStatus(cluster: string) {
  return useLiveQuery({
    cluster,
    key: ['status', cluster],
    path: `/clusters/${encodeURIComponent(cluster)}`,
    schema: clusterStatus,
    topic: 'status',
  });
}

export type LiveStatus = {
  /** The browser's own connection to the Umbel server. */
  link: 'connecting' | 'connected' | 'reconnecting';
  connected: boolean;
  reconnecting: boolean;
  /** Since when the link is as it is. */
  since: number;
  paused: boolean;
  /** Why what the page shows does not move; null: it moves. */
  hold: HoldReason | null;
  /** What happened while the connection was lost, until dismissed. */
  missed: Missed | null;
  dismissMissed: () => void;
  /** The server's connection to the broker; null until known. */
  broker: ConnectionStatus | null;
  eventsPerSecond: number | null;
  /** How old the newest event was when it was stored, in milliseconds. */
  behind: number | null;
  tasksStored: number | null;
};

export function useLiveStatus(cluster: string): LiveStatus {
  const live = useLiveClient();
  const link = useSyncExternalStore(live.link.subscribe, live.link.get, live.link.get);
  const hold = useHoldReason();
  const { data } = useClusterStatus(cluster);
  return {
    link: link.state,
    connected: link.state === 'connected',
    reconnecting: link.state === 'reconnecting',
    since: link.since,
    paused: hold === 'paused',
    hold,
    missed: link.missed,
    dismissMissed: () => live.dismissMissed(),
    broker: data?.broker ?? null,
    eventsPerSecond: data?.ingest.eventsPerSecond ?? null,
    behind: data?.ingest.lagMs ?? null,
    tasksStored: data?.tasksStored ?? null,
  };
}
