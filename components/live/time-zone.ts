'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import type { TimeZoneChoice } from '@/lib/format/time.ts';
import { createStore } from './store.ts';

const KEY = 'umbel-time-zone';
const zone = createStore<TimeZoneChoice | null>(null);

function read(): TimeZoneChoice {
  const known = zone.get();
  if (known !== null) return known;
  try {
    return localStorage.getItem(KEY) === 'utc' ? 'utc' : 'local';
  } catch {
    return 'local';
  }
}

function write(next: TimeZoneChoice) {
  zone.set(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be closed to us; the choice then lasts as long as the page.
  }
}

/** The zone that every page writes its times in; remembered by the browser. */
export function useTimeZone() {
  const value = useSyncExternalStore(zone.subscribe, read, () => 'local' as const);
  return {
    zone: value,
    setZone: write,
    toggle: () => write(value === 'utc' ? 'local' : 'utc'),
  };
}

/** The present time, anew every `everyMs`. Null until the page is alive in the browser. */
export function useNow(everyMs = 1000): number | null {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setNow(Date.now());
    const first = setTimeout(tick, 0);
    const timer = setInterval(tick, everyMs);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}
