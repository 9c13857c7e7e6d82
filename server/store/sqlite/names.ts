// The dictionary of task types, workers and queues: a number for each text. Number 0 means "not known".
import type { Database, Statement } from 'better-sqlite3';
import { wellFormed } from './task-id.ts';

export const NAME_KIND = { type: 1, worker: 2, queue: 3, origin: 4 } as const;
export type NameKind = keyof typeof NAME_KIND;
const MAX_NAME_CHARS = 1024;
const MAX_ORIGINS = 5000;

export function boundName(text: string): string {
  return text.length > MAX_NAME_CHARS ? `${text.slice(0, MAX_NAME_CHARS)}…` : text;
}

/** Reads the dictionary, and what was added since, on any connection. */
export class Names {
  protected readonly idOf = {
    type: new Map<string, number>(),
    worker: new Map<string, number>(),
    queue: new Map<string, number>(),
    origin: new Map<string, number>(),
  };
  protected readonly textOf = new Map<number, string>();
  private highest = 0;
  private readonly newer: Statement;

  constructor(db: Database) {
    this.newer = db.prepare('SELECT id, kind, text FROM name WHERE id > ? ORDER BY id');
    this.refresh();
  }

  refresh(): void {
    for (const row of this.newer.iterate(this.highest) as Iterable<{
      id: number;
      kind: number;
      text: string;
    }>) {
      this.remember(kindOf(row.kind), row.id, row.text);
    }
  }

  text(id: number): string | null {
    return this.textOf.get(id) ?? null;
  }

  id(kind: NameKind, text: string): number | null {
    return this.idOf[kind].get(boundName(wellFormed(text))) ?? null;
  }

  entries(kind: NameKind): IterableIterator<[string, number]> {
    return this.idOf[kind].entries();
  }

  protected remember(kind: NameKind, id: number, text: string): void {
    this.idOf[kind].set(text, id);
    this.textOf.set(id, text);
    if (id > this.highest) this.highest = id;
  }
}

type Origin = [exchange: string | null, routingKey: string | null, sentBy: string | null];

/** The writer's dictionary: unknown names get a number. */
export class WritableNames extends Names {
  private readonly insert: Statement;
  private lastOrigin: Origin = [null, null, null];
  private lastOriginId = 0;

  constructor(db: Database) {
    super(db);
    this.insert = db.prepare('INSERT INTO name (kind, text) VALUES (?, ?)');
  }

  idFor(kind: NameKind, text: string | null): number {
    if (text === null || text === '') return 0;
    const known = this.idOf[kind].get(text);
    if (known !== undefined) return known;
    const bounded = boundName(wellFormed(text));
    const existing = this.idOf[kind].get(bounded);
    if (existing !== undefined) return existing;
    const id = Number(this.insert.run(NAME_KIND[kind], bounded).lastInsertRowid);
    this.remember(kind, id, bounded);
    return id;
  }

  /** Its row is gone; the text gets a new number when it comes again. */
  forget(id: number, text: string): void {
    for (const ids of Object.values(this.idOf)) if (ids.get(text) === id) ids.delete(text);
    this.textOf.delete(id);
  }

  /** How a task was published, as one number; 0 when nothing is known, null when there are too many to name them all. */
  originId(
    exchange: string | null,
    routingKey: string | null,
    sentBy: string | null,
  ): number | null {
    if (exchange === null && routingKey === null && sentBy === null) return 0;
    const last = this.lastOrigin;
    if (sentBy === last[2] && routingKey === last[1] && exchange === last[0]) {
      return this.lastOriginId;
    }
    const origin: Origin = [exchange, routingKey, sentBy];
    const text = JSON.stringify(origin);
    if (text.length > MAX_NAME_CHARS) return null;
    if (!this.idOf.origin.has(text) && this.idOf.origin.size >= MAX_ORIGINS) return null;
    this.lastOriginId = this.idFor('origin', text);
    this.lastOrigin = origin;
    return this.lastOriginId;
  }
}

function kindOf(kind: number): NameKind {
  if (kind === NAME_KIND.type) return 'type';
  if (kind === NAME_KIND.worker) return 'worker';
  return kind === NAME_KIND.queue ? 'queue' : 'origin';
}
