// Workers that are gone with work in hand, share a name, hide what they do or have a wrong clock.
import type { Attention } from '../../../lib/contract/index.ts';
import { filterFor } from '../../../lib/filter/stringify.ts';
import type { AttentionFacts } from './facts.ts';
import { plural, sentence } from './words.ts';

/** In the hands of a worker. */
export const HELD_STATES = ['started', 'received', 'scheduled'] as const;

export function workerLines({ workers, heldByOffline, now }: AttentionFacts): Attention[] {
  const lines: Attention[] = [];
  for (const worker of workers) {
    const { hostname, state } = worker;
    const link = { label: 'Open worker', path: `workers/${encodeURIComponent(hostname)}` };
    // What one that left said last is over: it may have finished, or given back, what it held.
    const held =
      state === 'offline'
        ? (heldByOffline.get(hostname) ?? 0)
        : (worker.active ?? 0) + (worker.prefetched ?? 0);
    if (state !== 'online' && held > 0) {
      const filter = `state:${HELD_STATES.join(',')} ${filterFor('worker', hostname)}`;
      const tasks = {
        label: plural(held, 'task'),
        path: `tasks?q=${encodeURIComponent(filter)}&range=all`,
      };
      lines.push({
        key: `worker:${hostname}`,
        severity: state === 'offline' ? 'critical' : 'warning',
        title: `${hostname} is ${state} and holds ${plural(held, 'task')}`,
        detail: sentence(worker.stateReason ?? 'It has not been heard of for too long'),
        since: worker.lastSeenAt,
        link: state === 'offline' ? tasks : link,
        action: null,
      });
    }
    if (worker.duplicateHostname) {
      lines.push({
        key: `duplicate:${worker.hostname}`,
        severity: 'warning',
        title: `Two workers call themselves ${worker.hostname}`,
        detail: 'Commands reach both and their figures mix. Give each its own name with -n.',
        since: null,
        link,
        action: null,
      });
    }
  }
  const silent = workers.filter((w) => w.state === 'online' && w.eventsEnabled === false);
  if (silent.length > 0) {
    const names = silent.map((worker) => worker.hostname);
    const first = names[0] ?? '';
    lines.push({
      key: 'events-disabled',
      severity: 'unknown',
      title: `${plural(silent.length, 'worker')} send${silent.length === 1 ? 's' : ''} no task events`,
      detail: `What ${silent.length === 1 ? first : 'they'} run cannot be seen. Start with -E, or enable events now.`,
      since: null,
      link:
        silent.length === 1
          ? { label: 'Open worker', path: `workers/${encodeURIComponent(first)}` }
          : { label: 'Workers', path: 'workers' },
      action: { label: 'Enable events', command: 'enable_events', workers: names.slice(0, 1000) },
    });
  }
  const skewed = workers.filter((w) => w.clockSkewMs !== null && Math.abs(w.clockSkewMs) > 30_000);
  for (const worker of skewed.slice(0, 5)) {
    lines.push({
      key: `skew:${worker.hostname}`,
      severity: 'unknown',
      title: `The clock of ${worker.hostname} is ${Math.round(Math.abs(worker.clockSkewMs ?? 0) / 1000)} s off`,
      detail: 'Its times, waits and durations are shown as it sent them.',
      since: worker.lastSeenAt ?? now,
      link: { label: 'Open worker', path: `workers/${encodeURIComponent(worker.hostname)}` },
      action: null,
    });
  }
  return lines;
}
