'use client';

import { useSyncExternalStore } from 'react';
import { createStore } from '@/components/live/store.ts';
import { COLUMN_IDS, COLUMNS, type ColumnId } from './columns.ts';

const KEY = 'umbel-task-columns';
const DEFAULT: Readonly<Record<string, boolean>> = Object.fromEntries(
  COLUMN_IDS.map((id) => [id, COLUMNS[id].shown]),
);
const shown = createStore<Readonly<Record<string, boolean>> | null>(null);

function read(): Readonly<Record<string, boolean>> {
  const known = shown.get();
  if (known !== null) return known;
  let next = DEFAULT;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (Array.isArray(stored)) {
      next = Object.fromEntries(COLUMN_IDS.map((id) => [id, stored.includes(id)]));
    }
  } catch {
    next = DEFAULT;
  }
  shown.set(next);
  return next;
}

/** Which columns the task table shows; remembered by the browser. */
export function useColumns() {
  const visibility = useSyncExternalStore(shown.subscribe, read, () => DEFAULT);
  return {
    visibility,
    toggle: (id: ColumnId) => {
      const next = { ...visibility, [id]: visibility[id] !== true };
      shown.set(next);
      try {
        localStorage.setItem(KEY, JSON.stringify(COLUMN_IDS.filter((one) => next[one])));
      } catch {
        // Storage may be closed to us; the choice then lasts as long as the page.
      }
    },
  };
}
