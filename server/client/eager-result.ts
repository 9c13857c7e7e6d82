// The handle on a task that ran in the process that called it: it has ended, and nobody has to be asked. Mirrors celery.result.EagerResult.
import { emptyResultMeta, type ResultMeta } from '../celery/result-meta.ts';
import { describeFailure } from './result-errors.ts';
import {
  AsyncResult,
  PROPAGATE_STATES,
  valueOf,
  type GetOptions,
  type ResultSource,
} from './results.ts';

/** The handle on a task that has run where it was called. Its errors have what was thrown as their `cause`. */
export class EagerResult<R = unknown> extends AsyncResult<R> {
  #meta: ResultMeta;
  readonly #cause: unknown;

  constructor(meta: ResultMeta, source: ResultSource, parent: AsyncResult | null, cause: unknown) {
    super(meta.taskId, source, parent);
    this.#meta = meta;
    this.#cause = cause;
  }

  override meta(): Promise<ResultMeta> {
    return Promise.resolve(this.#meta);
  }

  /** Null for a task that was ignored or rejected. */
  override async get({ propagate = true }: GetOptions = {}): Promise<R> {
    const meta = await this.meta();
    if (meta.status === 'SUCCESS') return valueOf(meta) as R;
    if (!PROPAGATE_STATES.has(meta.status)) return null as R;
    const failure = describeFailure(meta);
    failure.cause = this.#cause;
    if (propagate) throw failure;
    return failure as R;
  }

  /** Nothing is stored. */
  override forget(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing runs any more: only this handle says so. */
  override revoke(): Promise<void> {
    this.#meta = emptyResultMeta({
      taskId: this.id,
      status: 'REVOKED',
      exception: {
        excType: 'TaskRevokedError',
        excModule: 'celery.exceptions',
        excMessage: ['revoked'],
      },
    });
    return Promise.resolve();
  }

  /** It has ended. */
  override abort(): Promise<void> {
    return Promise.resolve();
  }
}
