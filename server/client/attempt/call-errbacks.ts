// Errbacks of the new style: called where the task failed, with its request, the error and the traceback. Those that this worker
// does not know, and those of the old style, are sent as tasks by the consumer. Mirrors _call_task_errbacks of celery.backends.base.
import { PythonError } from '../task-errors.ts';
import type { TaskDefinition, TaskRequest } from '../task-types.ts';
import type { Logger } from '../../core/logger.ts';
import type { ErrorReport } from './attempt.ts';

/** The names of those that were called. What one of them throws is logged and changes nothing. */
export async function callErrbacks(
  tasks: ReadonlyMap<string, TaskDefinition>,
  request: TaskRequest,
  { excType, excModule, excMessage, traceback }: ErrorReport,
  logger: Logger,
): Promise<string[]> {
  const called = new Set<string>();
  for (const { task } of request.errbacks) {
    const definition = tasks.get(task);
    if (definition?.options.errback !== true || called.has(task)) continue;
    called.add(task);
    const error = new PythonError(excType, excModule, excMessage);
    try {
      await definition.body(...([request, error, traceback] as never[]));
    } catch (thrown) {
      logger.error({ errback: task, error: String(thrown) }, 'an errback failed');
    }
  }
  return [...called];
}
