'use client';
import { useRouter } from 'next/navigation';
import { useCallback, useEffect } from 'react';
import { toast } from 'sonner';
import { BASE_PATH } from './api.ts';
import { useLiveClient } from './live-context.tsx';

const ANSWER_MS = 2000;

/** Opens another page. While Umbel does not answer this one stays: the browser would show its own error instead. */
export function useGo(): (path: string) => void {
  const router = useRouter();
  const live = useLiveClient();
  return useCallback(
    (path) => {
      if (live.link.get().state !== 'reconnecting') {
        router.push(path);
        return;
      }
      void answers().then((isThere) => {
        if (isThere) router.push(path);
        else toast.error('Umbel does not answer. This page stays until it does.');
      });
    },
    [live, router],
  );
}

/** Links of the page go the same way. */
export function useLinksThatStay(): void {
  const live = useLiveClient();
  const go = useGo();
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      if (live.link.get().state !== 'reconnecting' || !isPlain(event)) return;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link === null || link.target !== '' || link.hasAttribute('download')) return;
      if (link.origin !== window.location.origin) return;
      event.preventDefault();
      go(`${link.pathname.slice(BASE_PATH.length)}${link.search}${link.hash}`);
    };
    // Before Next's own handler, which leaves alone what is prevented.
    window.addEventListener('click', onClick, true);
    return () => window.removeEventListener('click', onClick, true);
  }, [go, live]);
}

const isPlain = (event: MouseEvent) =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

function answers(): Promise<boolean> {
  return fetch(`${BASE_PATH}/livez`, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    () => true,
    () => false,
  );
}
