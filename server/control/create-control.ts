// Puts the verbs behind the one door.
import { audited } from './audit.ts';
import { command } from './command.ts';
import type { Control } from './control.ts';
import type { ControlDeps } from './deps.ts';
import { peekQueue } from './peek-queue.ts';
import { readResult } from './read-result.ts';
import { readSchedule } from './read-schedule.ts';
import { retryForm } from './retry-form.ts';
import { retry } from './retry.ts';
import { revoke } from './revoke.ts';
import { abortTask, sendTask } from './send-task.ts';

export function createControl(deps: ControlDeps): Control {
  return {
    revoke: (actor, request) => revoke(deps, actor, request),
    retryForm: (id) => retryForm(deps, id),
    retry: (actor, id, request) => retry(deps, actor, id, request),
    sendTask: (actor, type, body) => sendTask(deps, actor, type, body),
    abort: (actor, id) => abortTask(deps, actor, id),
    command: (actor, request) => command(deps, actor, request),
    peekQueue: (queue, options) => peekQueue(deps, queue, options),
    schedule: () => readSchedule(deps),
    readResult: (id) => readResult(deps, id),
    forgetWorker: (actor, hostname) =>
      audited(
        deps,
        { actor, action: 'forget worker', target: hostname, parameters: {} },
        () => deps.collector.forgetWorker(hostname),
        () => ({ outcome: 'ok', detail: 'forgotten' }),
      ),
  };
}
