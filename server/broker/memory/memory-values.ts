// The key-value area of the memory broker, for results: text by key with an expiry, watchers that are told of every
// write, and ordered sets for chords. Bounded: the value written longest ago goes first.
import type { Clock } from '../../core/clock.ts';

type Member = { text: string; score: number };
type Entry = { text: string; members: Map<string, Member> | null; expiresAt: number | null };

export class MemoryValues {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Map<string, Set<(text: string) => void>>();
  #bytes = 0;

  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
  }

  get(key: string): string | null {
    const entry = this.#live(key);
    return entry === undefined || entry.members !== null ? null : entry.text;
  }

  set(key: string, text: string, expiresMs: number | null): void {
    this.#put(key, { text, members: null, expiresAt: this.#expiry(expiresMs) });
    for (const tell of this.#watchers.get(key) ?? []) tell(text);
  }

  /** Writes if `from` is what is there (null: nothing); whether it did. */
  swap(key: string, from: string | null, to: string, expiresMs: number | null): boolean {
    if (this.get(key) !== from) return false;
    this.set(key, to, expiresMs);
    return true;
  }

  /** Adds a member to the ordered set at `key` unless one of its name is there; answers all members in order. */
  add(key: string, name: string, { text, score }: Member, expiresMs: number | null): string[] {
    const members = new Map(this.#live(key)?.members ?? []);
    if (!members.has(name)) members.set(name, { text, score });
    this.#put(key, {
      text: [...members.values()].map((one) => one.text).join(''),
      members,
      expiresAt: this.#expiry(expiresMs),
    });
    return [...members.values()]
      .sort((a, b) => compareScores(a.score, b.score))
      .map((one) => one.text);
  }

  delete(keys: readonly string[]): void {
    for (const key of keys) this.#drop(key);
  }

  watch(key: string, tell: (text: string) => void): () => void {
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(tell));
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0 && this.#watchers.get(key) === watchers) this.#watchers.delete(key);
    };
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAt != null && entry.expiresAt <= this.#clock.now()) {
      this.#drop(key);
      return undefined;
    }
    return entry;
  }

  #put(key: string, entry: Entry): void {
    this.#drop(key);
    this.#entries.set(key, entry);
    this.#bytes += key.length + entry.text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= key.length + entry.text.length;
  }

  #expiry(expiresMs: number | null): number | null {
    return expiresMs === null ? null : this.#clock.now() + expiresMs;
  }
}

function compareScores(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
