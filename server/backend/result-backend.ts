// Where results are kept. Readers ask for one task; the embedded runtime also stores. It must not know who asks.
import type { ConnectionStatus } from '../../lib/contract/index.ts';
import type { ResultMeta, ResultTuple } from '../celery/result-meta.ts';

export interface ResultBackend {
  readonly kind: 'redis' | 'memory' | 'database' | 'rpc';
  /** The URL without credentials. */
  readonly displayUrl: string;
  connect(): Promise<void>;
  status(): ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** Null: the backend does not know the task (pending, expired, forgotten or never stored). */
  get(id: string): Promise<ResultMeta | null>;
  getMany(ids: readonly string[]): Promise<(ResultMeta | null)[]>;
  /** Does nothing when a SUCCESS is stored already, as Celery does. */
  store(meta: ResultMeta, request?: StoreRequest): Promise<void>;
  /** Resolves when a ready state is stored; null when `timeoutMs` passed. Listens first, reads after. */
  wait(id: string, timeoutMs: number): Promise<ResultMeta | null>;
  forget(id: string): Promise<void>;
  /** Keeps the list of a group's members; null when the group is not known. */
  saveGroup(group: ResultTuple): Promise<void>;
  restoreGroup(id: string): Promise<ResultTuple | null>;
  forgetGroup(id: string): Promise<void>;
  /** Drops what is expired, where that does not happen by itself. */
  cleanup(): Promise<void>;
  close(): Promise<void>;
}

/** What rpc:// needs of the request whose result is stored. */
export type StoreRequest = { replyTo: string | null };

export type ChordOutcome = {
  results: { id: string; state: string; result: unknown }[];
  /** Instead of the list of results, when the header has groups in it. */
  nested?: unknown[];
};

/** What a chord needs of a backend (Redis, memory): see §8.2 of the wire notes in docs. */
export interface ChordBackend {
  setChordSize(groupId: string, size: number): Promise<void>;
  /** The header grows by one member. */
  addToChord(groupId: string): Promise<void>;
  /** Records one member and answers with all results when it was the last one, else null. */
  chordMemberDone(
    groupId: string,
    member: { id: string; state: string; result: unknown; groupIndex: number | null },
  ): Promise<ChordOutcome | null>;
}
