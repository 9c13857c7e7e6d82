// Handles on what was sent. They ask the result backend, or wait for it; they must not know how the task was sent.
import { toPlain, type PyValue } from '../../lib/python/values.ts';
import type { ResultBackend } from '../backend/result-backend.ts';
import type { ResultMeta, ResultTuple } from '../celery/result-meta.ts';
import { encodeResultTuple } from '../celery/result-tuple.ts';
import { emptyResultMeta } from '../celery/result-meta.ts';
import { EXCEPTION_STATES, READY_STATES } from '../celery/states.ts';
import { AppError } from '../core/errors.ts';
import { createAppErrorTimeout, describeFailure } from './result-errors.ts';

/** How tasks are revoked. */
export type RevokeOptions = {
  /** Ends it even if it runs already. Default false. */
  terminate?: boolean;
  /** Default SIGTERM. */
  signal?: string;
};

/** How a result is waited for. */
export type GetOptions = {
  /** Default: as long as it takes. */
  timeoutMs?: number;
  /** False: a failure is answered as its TaskError instead of thrown. */
  propagate?: boolean;
};

/** What a result needs of the app. */
export interface ResultSource {
  readonly backend: ResultBackend | null;
  revoke(ids: readonly string[], options: RevokeOptions): Promise<void>;
}

const LONGEST_WAIT_MS = 2_147_483_647;
const ANCESTORS_MS = 1000;
/** From the failure of an ancestor to what it makes of this one. */
const OWN_FAILURE_MS = 5000;
export const PROPAGATE_STATES: ReadonlySet<string> = new Set(['FAILURE', 'REVOKED']);

/** The handle on one task. */
export class AsyncResult<R = unknown> {
  /** Of the task. */
  readonly id: string;
  /** The step before it in a chain, the header of a chord's body. */
  readonly parent: AsyncResult | null;
  protected readonly source: ResultSource;

  constructor(id: string, source: ResultSource, parent: AsyncResult | null = null) {
    this.id = id;
    this.source = source;
    this.parent = parent;
  }

  /** The whole record; null while nothing is stored. */
  async meta(): Promise<ResultMeta | null> {
    return this.backend().get(this.id);
  }

  /** `PENDING` for what the backend does not know. */
  async state(): Promise<string> {
    return (await this.meta())?.status ?? 'PENDING';
  }

  /** The result, the TaskError of a failure, or what the task told with `updateState`; null while there is none. */
  async info(): Promise<unknown> {
    const meta = await this.meta();
    return meta === null ? null : valueOf(meta);
  }

  /** In Python's layout, with source lines; null where nothing went wrong. */
  async traceback(): Promise<string | null> {
    return (await this.meta())?.traceback ?? null;
  }

  /** What the task sent: callbacks, the next step of its chain, tasks that it called. Null while nothing is stored. */
  async children(): Promise<AsyncResult[] | null> {
    const children = (await this.meta())?.children ?? null;
    return children === null ? null : children.map((tuple) => resultOf(tuple, this.source));
  }

  /** Whether it has ended, in whatever way. */
  async ready(): Promise<boolean> {
    return READY_STATES.has(await this.state());
  }

  /** Whether it ended as SUCCESS. */
  async successful(): Promise<boolean> {
    return (await this.state()) === 'SUCCESS';
  }

  /** Whether it ended as FAILURE. */
  async failed(): Promise<boolean> {
    return (await this.state()) === 'FAILURE';
  }

  /**
   * The result. Throws TaskError when the task failed or was revoked, or when what came before it did so that it will never
   * run; AppError timeout when the result is not there in time.
   */
  async get(options: GetOptions = {}): Promise<R> {
    const { timeoutMs = LONGEST_WAIT_MS, propagate = true } = options;
    const meta = await this.#wait(timeoutMs);
    if (meta === null) throw createAppErrorTimeout(this.id, timeoutMs);
    if (propagate && meta.status !== 'SUCCESS') throw describeFailure(meta);
    return valueOf(meta) as R;
  }

  /**
   * Looks at the ancestors now and then: a failure there may be all that will ever be known. It is stored before what it makes of
   * its followers, so they have their time to fail by themselves.
   */
  async #wait(timeoutMs: number): Promise<ResultMeta | null> {
    const ancestors = lineageOf(this.parent);
    const until = Date.now() + timeoutMs;
    let failed: ResultMeta | null = null;
    let ownUntil = until;
    for (;;) {
      const left = Math.min(Math.min(until, ownUntil) - Date.now(), LONGEST_WAIT_MS);
      const turn = ancestors.length === 0 ? left : Math.min(left, ANCESTORS_MS);
      const meta = await this.backend().wait(this.id, Math.max(0, turn));
      if (meta !== null) return meta;
      if (left <= turn) return failed;
      if (failed !== null) continue;
      // A backend that is away is the trouble of waiting, not of looking around.
      const metas = await this.backend()
        .getMany(ancestors)
        .catch(() => []);
      failed = metas.find(hasFailed) ?? null;
      if (failed !== null) ownUntil = Date.now() + OWN_FAILURE_MS;
    }
  }

  /** Drops what is stored. */
  async forget(): Promise<void> {
    await this.backend().forget(this.id);
  }

  /** Tells all workers not to run it. */
  async revoke(options: RevokeOptions = {}): Promise<void> {
    await this.source.revoke([this.id], options);
  }

  /** Stores ABORTED: a task that is `abortable`, or asks `isAborted`, stops by itself. */
  async abort(): Promise<void> {
    await this.backend().store(emptyResultMeta({ taskId: this.id, status: 'ABORTED' }));
  }

  /** Whether it was told to abort, and has not ended since. */
  async isAborted(): Promise<boolean> {
    return (await this.state()) === 'ABORTED';
  }

  /** Celery's way to keep a handle: the id, and those of the steps before. */
  toTuple(): ResultTuple {
    return { id: this.id, parent: this.parent?.toTuple() ?? null, children: null };
  }

  /** As an argument or a result: Celery's nested lists (`AsyncResult.as_tuple`). */
  toJSON(): PyValue {
    return encodeResultTuple(this.toTuple());
  }

  protected backend(): ResultBackend {
    const { backend } = this.source;
    if (backend === null) throw new AppError('backend_missing', 'There is no result backend.');
    return backend;
  }
}

/** The handle on a group: the handles of its members. */
export class GroupResult<R = unknown> extends AsyncResult<R> {
  /** In the order of the group. */
  readonly results: readonly AsyncResult[];

  constructor(
    id: string,
    source: ResultSource,
    results: readonly AsyncResult[],
    parent: AsyncResult | null = null,
  ) {
    super(id, source, parent);
    this.results = results;
  }

  /** SUCCESS when all succeeded, FAILURE when one failed or was revoked, else PENDING. */
  override async state(): Promise<string> {
    const states = await Promise.all(this.results.map((result) => result.state()));
    if (states.every((state) => state === 'SUCCESS')) return 'SUCCESS';
    return states.some((state) => PROPAGATE_STATES.has(state)) ? 'FAILURE' : 'PENDING';
  }

  override children(): Promise<AsyncResult[]> {
    return Promise.resolve([...this.results]);
  }

  override async ready(): Promise<boolean> {
    return (await Promise.all(this.results.map((result) => result.ready()))).every(Boolean);
  }

  /** How many members succeeded. */
  async completedCount(): Promise<number> {
    return (await Promise.all(this.results.map((result) => result.successful()))).filter(Boolean)
      .length;
  }

  override async get(options: GetOptions = {}): Promise<R> {
    return (await Promise.all(this.results.map((result) => result.get(options)))) as R;
  }

  override async forget(): Promise<void> {
    await Promise.all(this.results.map((result) => result.forget()));
  }

  override async revoke(options: RevokeOptions = {}): Promise<void> {
    await this.source.revoke(
      this.results.map(({ id }) => id),
      options,
    );
  }

  /** Stores the list of members, so that `app.restoreGroup(id)` finds them again. */
  async save(): Promise<void> {
    await this.backend().saveGroup(this.toTuple());
  }

  /** Drops the stored list, not the results. */
  async delete(): Promise<void> {
    await this.backend().forgetGroup(this.id);
  }

  override toTuple(): ResultTuple {
    return { ...super.toTuple(), children: this.results.map((result) => result.toTuple()) };
  }
}

function hasFailed(meta: ResultMeta | null): meta is ResultMeta {
  return meta !== null && PROPAGATE_STATES.has(meta.status);
}

/** The ids of the tasks that this is the result of, and of all before them. */
function lineageOf(result: AsyncResult | null): string[] {
  if (result === null) return [];
  const own = result instanceof GroupResult ? result.results.flatMap(lineageOf) : [result.id];
  return [...own, ...lineageOf(result.parent)];
}

export function resultOf(tuple: ResultTuple, source: ResultSource): AsyncResult {
  const parent = tuple.parent === null ? null : resultOf(tuple.parent, source);
  if (tuple.children === null) return new AsyncResult(tuple.id, source, parent);
  const members = tuple.children.map((child) => resultOf(child, source));
  return new GroupResult(tuple.id, source, members, parent);
}

export function valueOf(meta: ResultMeta): unknown {
  if (EXCEPTION_STATES.has(meta.status) && meta.exception !== null) return describeFailure(meta);
  return toPlain(meta.result satisfies PyValue);
}
