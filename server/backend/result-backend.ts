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

export type StoreRequest = {
  /** Of the request whose result is stored; for rpc://. */
  replyTo?: string | null;
  /** Ends the patience with a backend that is away. */
  hurry?: AbortSignal;
};

export type ChordOutcome = {
  results: { id: string; state: string; result: unknown }[];
  /** Instead of the list of results, when the header has groups in it. */
  nested?: unknown[];
};

/** The right to send the body of a chord whose members are all done. It ends by itself, so that another can take it over. */
export interface ChordClaim {
  /** All results. Throws AppError when some cannot be read. */
  read(): Promise<ChordOutcome>;
  /** To be called just before the body is sent; false when another has taken over. */
  hold(): Promise<boolean>;
  /** After the body was sent: the chord is over. False, with nothing done, when another has taken over. */
  finish(): Promise<boolean>;
  /** After the chord was failed: no member that comes later fails it again. */
  fail(): Promise<void>;
}

/** What a chord needs of a backend (Redis, memory). */
export interface ChordBackend {
  /** Before the last member is sent. A chord that is sent again under its old id begins anew. */
  setChordSize(groupId: string, size: number): Promise<void>;
  /** The header grows by one member. */
  addToChord(groupId: string): Promise<void>;
  /**
   * Records one member, once, whatever a second run of it came to. Answers with the claim when all are done and nobody else
   * sends the body; while somebody does, it waits to take over, should that claim end with the chord still open. `hurry` ends the wait:
   * AppError closed says that the end of the chord is not known.
   */
  chordMemberDone(
    groupId: string,
    member: { id: string; state: string; result: unknown; groupIndex: number | null },
    hurry?: AbortSignal,
  ): Promise<ChordClaim | null>;
}
