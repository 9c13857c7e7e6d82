// Result records of this worker's tasks. A backend that is away costs the record, not the task.
import { emptyResultMeta, type ResultMetaDraft } from '../celery/result-meta.ts';
import type { Celery } from '../client/celery.ts';
import type { TaskOptions } from '../client/task-types.ts';
import { hurryOf, type HeldRequest } from './request.ts';

const ERRORS: ReadonlySet<string> = new Set(['FAILURE', 'RETRY', 'REVOKED']);

function storesErrors({ conf }: Celery, { storeErrorsEvenIfIgnored }: TaskOptions): boolean {
  return storeErrorsEvenIfIgnored ?? conf.taskStoreErrorsEvenIfIgnored;
}

export async function storeResult(
  app: Celery,
  held: HeldRequest,
  hostname: string,
  draft: Omit<ResultMetaDraft, 'taskId'>,
): Promise<void> {
  if (app.backend === null) return;
  const { message, options } = held;
  const isIgnored = message.ignoreResult ?? options.ignoreResult ?? app.conf.taskIgnoreResult;
  if (isIgnored && !(ERRORS.has(draft.status) && storesErrors(app, options))) return;
  const hurry = hurryOf(held);
  await app.backend.store(
    emptyResultMeta({
      taskId: message.id,
      groupId: message.group,
      parentId: message.parentId,
      children: held.children,
      extended: app.conf.resultExtended
        ? {
            name: message.name,
            args: message.args,
            kwargs: message.kwargs,
            worker: hostname,
            retries: message.retries,
            queue: message.routingKey ?? held.delivery.queue,
          }
        : null,
      ...(message.stampedHeaders === null
        ? {}
        : { stampedHeaders: message.stampedHeaders, extra: message.stamps }),
      ...draft,
    }),
    { replyTo: message.replyTo, ...(hurry === undefined ? {} : { hurry }) },
  );
}

/** A revoke does not overwrite what another worker has begun or ended. */
const NOT_RUN_YET: ReadonlySet<string> = new Set(['PENDING', 'RECEIVED', 'RETRY', 'REJECTED']);

/** What `revoke` does beside noting the id: the result at once, as newer Celery does. */
export async function storeRevoked({ backend, clock }: Celery, id: string): Promise<void> {
  if (backend === null || backend.kind === 'rpc') return;
  const known = (await backend.get(id))?.status ?? 'PENDING';
  if (!NOT_RUN_YET.has(known)) return;
  await backend.store(
    emptyResultMeta({
      taskId: id,
      status: 'REVOKED',
      exception: {
        excType: 'TaskRevokedError',
        excModule: 'celery.exceptions',
        excMessage: ['revoked'],
      },
      children: null,
      doneAt: clock.now(),
    }),
  );
}
