// What commands may have changed of workers and is to be read again, until an answer is later than the change. A worker agrees
// first and acts in a later turn of its loop: prefork starts and ends processes only every five seconds, and an answer may be
// overtaken by the command's or get lost.
import type { InspectMethod } from '../store/collecting.ts';
import { readAtOf } from './inspect-sections.ts';
import type { WorkerEntry } from './worker-book.ts';

/** Long enough after a command for what it changed to show. */
const SETTLE_MS = 6000;
/** A worker that is silent for so long is read with the others again. */
const GIVE_UP_MS = 60_000;

export class Rereads {
  /** By worker and section: when the command was answered. */
  readonly #since = new Map<string, Map<InspectMethod, number>>();

  want(hostnames: readonly string[], methods: readonly InspectMethod[], now: number): void {
    for (const hostname of hostnames) {
      const wanted = this.#since.get(hostname) ?? new Map<InspectMethod, number>();
      for (const method of methods) wanted.set(method, now);
      this.#since.set(hostname, wanted);
    }
  }

  /** What to ask now, and whom; what was read late enough is wanted no longer. */
  due(entries: readonly WorkerEntry[], now: number): Map<InspectMethod, WorkerEntry[]> {
    const due = new Map<InspectMethod, WorkerEntry[]>();
    for (const entry of entries) {
      for (const [method, since] of this.#since.get(entry.facts.hostname) ?? []) {
        const readAt = readAtOf(entry, method) ?? 0;
        if (readAt >= since + SETTLE_MS) continue;
        due.set(method, [...(due.get(method) ?? []), entry]);
      }
    }
    this.#forget(due, now);
    return due;
  }

  #forget(due: ReadonlyMap<InspectMethod, WorkerEntry[]>, now: number): void {
    for (const [hostname, wanted] of this.#since) {
      for (const [method, since] of wanted) {
        const isDue = due.get(method)?.some((entry) => entry.facts.hostname === hostname) ?? false;
        if (!isDue || now - since >= GIVE_UP_MS) wanted.delete(method);
      }
      if (wanted.size === 0) this.#since.delete(hostname);
    }
  }
}
