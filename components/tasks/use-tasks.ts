'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { apiGet, ApiError, queryString } from '@/components/live/api.ts';
import { useHoldReason } from '@/components/live/hold.ts';
import { useLiveClient } from '@/components/live/live-context.tsx';
import { apiPath } from '@/components/live/paths.ts';
import { taskFacets, taskNews, taskPage, type TaskNews } from '@/lib/contract/api.ts';
import type { TasksUrl } from './use-tasks-url.ts';

const ANNOUNCE_MS = 1000;
const POLL_MS = 5000;

/** The newest version that was announced, at most once a second. */
function useAnnounced(cluster: string): number {
  const live = useLiveClient();
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let newest = 0;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const stop = live.subscribe(
      { cluster, topic: 'tasks' },
      {
        onAnnounce(announcement) {
          newest = announcement.version;
          timer ??= setTimeout(() => {
            timer = null;
            setVersion(newest);
          }, ANNOUNCE_MS);
        },
      },
    );
    return () => {
      if (timer !== null) clearTimeout(timer);
      stop();
    };
  }, [live, cluster]);
  return version;
}

/** One page of tasks. News come in by themselves, or, while something holds them back, are counted. */
export function useTasks(cluster: string, url: TasksUrl, isReading: boolean) {
  const live = useLiveClient();
  const link = useSyncExternalStore(live.link.subscribe, live.link.get, live.link.get);
  const hold = useHoldReason();
  const announced = useAnnounced(cluster);
  const { q, range, sort, limit, cursor } = url;
  const isHeld = hold !== null || isReading || cursor !== null;
  const offline = link.state !== 'connected';

  const page = useQuery({
    queryKey: ['tasks', cluster, q, range, sort, limit, cursor],
    queryFn: ({ signal }) =>
      apiGet(
        apiPath(cluster, `tasks${queryString({ q, range, sort, limit, cursor })}`),
        taskPage,
        signal,
      ),
    placeholderData: keepPreviousData,
    refetchInterval: offline && !isHeld ? POLL_MS : false,
    refetchOnWindowFocus: !isHeld,
  });
  const facets = useQuery({
    queryKey: ['task-facets', cluster, q, range],
    queryFn: ({ signal }) =>
      apiGet(apiPath(cluster, `tasks/facets${queryString({ q, range })}`), taskFacets, signal),
    placeholderData: keepPreviousData,
    refetchInterval: isHeld ? false : POLL_MS,
    refetchOnWindowFocus: !isHeld,
  });
  const since = page.data?.at ?? null;
  const hasNews = page.data !== undefined && announced > page.data.version;
  const news = useQuery<TaskNews>({
    queryKey: ['task-news', cluster, q, range, since, announced, link.epoch],
    queryFn: ({ signal }) =>
      apiGet(apiPath(cluster, `tasks/news${queryString({ q, range, since })}`), taskNews, signal),
    enabled: isHeld && hold !== 'hidden' && hasNews && since !== null,
    placeholderData: keepPreviousData,
  });

  const { refetch } = page;
  const asked = useRef(0);
  useEffect(() => {
    if (isHeld || !hasNews || asked.current === announced) return;
    asked.current = announced;
    void refetch();
  }, [isHeld, hasNews, announced, refetch]);
  const epoch = useRef(link.epoch);
  useEffect(() => {
    if (epoch.current === link.epoch) return;
    epoch.current = link.epoch;
    if (!isHeld) void refetch();
  }, [isHeld, link.epoch, refetch]);

  return {
    page: page.data,
    error: page.error instanceof ApiError ? page.error : null,
    isChanging: page.isPlaceholderData,
    isStale: page.data !== undefined && (page.error !== null || offline),
    updatedAt: page.dataUpdatedAt,
    facets: facets.data,
    news: isHeld && hasNews ? (news.data ?? null) : null,
    refetch: () => {
      void refetch();
      void facets.refetch();
    },
  };
}
