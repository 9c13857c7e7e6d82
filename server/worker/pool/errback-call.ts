// An errback of the new style that came as a task, as it does for the body of a chord or for a lost process: its message carries the
// id of what failed, and no more. What it is called with is put together from what was stored of the failure.
import { listOrEmpty } from '../../celery/fields.ts';
import { PythonError } from '../../client/task-errors.ts';
import type { TaskRequest } from '../../client/task-types.ts';
import type { Job } from '../../client/attempt/attempt.ts';
import type { KnownFailure, Wish } from './messages.ts';
import { unpackValue } from './packed-call.ts';

const NOTHING: KnownFailure = { name: null, exception: null, traceback: null };

/** The arguments of the errback; null when it was called in some other way. */
export async function errbackArguments(
  { request }: Job,
  wish: (wish: Wish) => Promise<unknown>,
): Promise<[TaskRequest, Error, string | null] | null> {
  const [id, ...more] = request.args;
  if (typeof id !== 'string' || more.length > 0) return null;
  const known = await wish({ type: 'failure-of', id }).catch(() => NOTHING);
  const { name, exception, traceback } = known as KnownFailure;
  const error =
    exception === null
      ? new PythonError('Exception', 'builtins', [`How ${id} failed is not known`])
      : new PythonError(
          exception.excType,
          exception.excModule,
          listOrEmpty(unpackValue(exception.excArgs)),
        );
  return [requestOf(id, name, request), error, traceback];
}

/** What failed, as far as its errback can know it: its own request stands for its surroundings. */
function requestOf(id: string, name: string | null, around: TaskRequest): TaskRequest {
  return { ...around, id, name: name ?? '', args: [], kwargs: {}, callbacks: [], errbacks: [] };
}
