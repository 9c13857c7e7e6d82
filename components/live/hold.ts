'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { createStore } from './store.ts';

const paused = createStore(false);
const holders = createStore(0);

/** Why updates wait: the person paused them, the tab is hidden, or something on the page must not move. */
export type HoldReason = 'paused' | 'hidden' | 'busy';

function subscribeVisibility(listener: () => void) {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

function useHidden(): boolean {
  return useSyncExternalStore(
    subscribeVisibility,
    () => document.visibilityState === 'hidden',
    () => false,
  );
}

export function usePause() {
  const isPaused = useSyncExternalStore(paused.subscribe, paused.get, () => false);
  return {
    isPaused,
    setPaused: (next: boolean) => paused.set(next),
    toggle: () => paused.update((was) => !was),
  };
}

/** While `active`, pages keep what they show: for open menus, dialogs and selected rows. */
export function useHold(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    holders.update((count) => count + 1);
    return () => holders.update((count) => count - 1);
  }, [active]);
}

/** {@link useHold} as an element, for what exists only while it is open. */
export function HoldWhileOpen(): null {
  useHold(true);
  return null;
}

/** Why updates are held back now; null: they are not. */
export function useHoldReason(): HoldReason | null {
  const isPaused = useSyncExternalStore(paused.subscribe, paused.get, () => false);
  const count = useSyncExternalStore(holders.subscribe, holders.get, () => 0);
  const hidden = useHidden();
  if (isPaused) return 'paused';
  if (hidden) return 'hidden';
  return count > 0 ? 'busy' : null;
}
