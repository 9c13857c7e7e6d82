'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { z } from 'zod';
import type { LiveTopic } from '@/lib/contract/live.ts';
import { ApiError, apiGet } from './api.ts';
import { useHoldReason } from './hold.ts';
import type { PictureMessage } from './live-client.ts';
import { useLiveClient } from './live-context.tsx';
import { mergePicture, withPicture } from './pictures.ts';

export type LiveQueryOptions<T extends z.ZodType> = {
  cluster: string;
  /** Names the data in the cache, e.g. `['overview', cluster, range]`. */
  key: readonly (string | number | null)[];
  /** The API path with its query: `/clusters/demo/overview?range=1h`. */
  path: string;
  schema: T;
  /** Whose pictures take the place of what was fetched. Leave out for data that are only fetched. */
  topic?: LiveTopic | undefined;
  /** Fetched again so often; for what no topic tells. */
  everyMs?: number;
  range?: string | undefined;
  enabled?: boolean;
};

export type LiveQuery<T> = {
  data: T | undefined;
  error: ApiError | null;
  /** Nothing to show yet. */
  isLoading: boolean;
  /** What is shown is the last that was known, and newer could not be had. */
  isStale: boolean;
  /** The API is being asked now, also when there is something to show. */
  isFetching: boolean;
  /** A newer picture waits until updates are let in again. */
  isHeld: boolean;
  updatedAt: number | null;
  refetch: () => void;
};

const POLL_MS = 5000;

/** Fetches by API, then follows the pictures of a topic. Without a live connection it asks every five seconds. */
export function useLiveQuery<T extends z.ZodType>(
  options: LiveQueryOptions<T>,
): LiveQuery<z.output<T>> {
  const { cluster, path, schema, topic, range, everyMs, enabled = true } = options;
  const client = useQueryClient();
  const live = useLiveClient();
  const link = useSyncExternalStore(live.link.subscribe, live.link.get, live.link.get);
  const hold = useHoldReason();
  const [isHeld, setHeld] = useState(false);
  const waiting = useRef<PictureMessage | null>(null);
  const holdNow = useRef(hold);
  /** The last picture that was let in. */
  const shown = useRef<PictureMessage | null>(null);
  const cacheKey = JSON.stringify(options.key);

  const query = useQuery<z.output<T>>({
    queryKey: [...options.key],
    queryFn: async ({ signal }) => {
      const before = shown.current;
      const fetched = await apiGet(path, schema, signal);
      return shown.current === before ? fetched : withPicture(schema, fetched, shown.current);
    },
    enabled,
    refetchInterval: ({ state }) =>
      hold !== null
        ? false
        : link.state !== 'connected' || state.error !== null
          ? POLL_MS
          : (everyMs ?? false),
    refetchOnWindowFocus: hold === null || hold === 'hidden',
  });

  const { refetch } = query;
  const ask = useRef<() => unknown>(() => undefined);
  const apply = useRef<(message: PictureMessage) => void>(() => undefined);
  useEffect(() => {
    holdNow.current = hold;
    ask.current = refetch;
    apply.current = (message) => {
      const queryKey: unknown = JSON.parse(cacheKey);
      if (!Array.isArray(queryKey)) return;
      const merged = mergePicture(client.getQueryData(queryKey), message.picture, {
        version: message.version,
        at: message.at,
      });
      shown.current = message;
      const parsed = schema.safeParse(merged);
      if (parsed.success) client.setQueryData(queryKey, parsed.data, { updatedAt: message.at });
      else void client.invalidateQueries({ queryKey, exact: true });
    };
    if (hold === null && waiting.current !== null) {
      const message = waiting.current;
      waiting.current = null;
      setHeld(false);
      apply.current(message);
    }
  }, [hold, cacheKey, client, schema, refetch]);

  useEffect(() => {
    if (topic === undefined || !enabled) return;
    const stop = live.subscribe(
      { cluster, topic, range },
      {
        onPicture(message) {
          if (holdNow.current === null) return apply.current(message);
          waiting.current = message;
          setHeld(true);
        },
        onTrouble() {
          void ask.current();
        },
      },
    );
    return () => {
      waiting.current = null;
      stop();
    };
  }, [live, cluster, topic, range, enabled]);

  const epochSeen = useRef(link.epoch);
  useEffect(() => {
    if (epochSeen.current === link.epoch) return;
    epochSeen.current = link.epoch;
    if (enabled) void refetch();
  }, [link.epoch, enabled, refetch]);

  // The reason is said at the first failure already, while it is tried again.
  const failure = query.error ?? query.failureReason;
  const error = failure === null ? null : toApiError(failure);
  return {
    data: query.data,
    error,
    isLoading: query.data === undefined && error === null,
    isStale: query.data !== undefined && (error !== null || link.state === 'reconnecting'),
    isFetching: query.isFetching,
    isHeld,
    updatedAt: query.dataUpdatedAt === 0 ? null : query.dataUpdatedAt,
    refetch: () => void refetch(),
  };
}

function toApiError(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({ status: 0, code: 'internal', title: error.name, detail: error.message });
}
