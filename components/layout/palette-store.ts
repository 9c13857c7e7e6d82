'use client';
import { useSyncExternalStore } from 'react';
import { createStore } from '@/components/live/store.ts';

const open = createStore(false);

export function setPaletteOpen(next: boolean): void {
  open.set(next);
}

/** Whether the command palette is open; any button may open it with `setPaletteOpen`. */
export function usePaletteOpen(): boolean {
  return useSyncExternalStore(open.subscribe, open.get, () => false);
}
