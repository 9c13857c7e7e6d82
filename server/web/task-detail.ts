// One task as its page shows it: the stored story, and on request what the result backend says about it now.
import {
  CELERY_STATE,
  FINAL_STATES,
  type TaskDetail,
  type TaskText,
} from '../../lib/contract/index.ts';
import type { ResultReading } from '../control/control.ts';
import { errorText } from '../core/errors.ts';
import { isMasked } from '../core/redact-text.ts';
import type { WebCluster } from './deps.ts';

const CELERY_STATES: ReadonlySet<string | null> = new Set([
  ...Object.values(CELERY_STATE),
  'IGNORED',
]);

/** Null when neither the store nor (when asked) anything else knows the task. */
export async function loadTask(
  cluster: WebCluster,
  id: string,
  options: { readResult: boolean },
): Promise<TaskDetail | null> {
  if (!options.readResult) return cluster.reader.getTask(id);
  const reading = await cluster.control.readResult(id).catch((error: unknown): ResultReading => ({
    type: 'unavailable',
    reason: errorText(error),
    readAt: Date.now(),
  }));
  const task = await cluster.reader.getTask(id);
  return task === null ? null : mergeReading(task, reading);
}

export function mergeReading(task: TaskDetail, reading: ResultReading): TaskDetail {
  if (reading.type === 'unavailable') {
    return {
      ...task,
      notes: [...task.notes, `The result backend was not read: ${reading.reason}`],
    };
  }
  if (reading.type === 'absent') {
    return { ...task, notes: [...task.notes, 'The result backend knows nothing of this task.'] };
  }
  const { status, readAt, extended } = reading;
  // `update_state` writes to the backend only: no event need have told of this state.
  const custom = !FINAL_STATES.has(task.state) && !CELERY_STATES.has(status);
  return {
    ...task,
    argsText: better(task.argsText, reading.argsText),
    kwargsText: better(task.kwargsText, reading.kwargsText),
    resultText: custom ? task.resultText : better(task.resultText, reading.resultText),
    traceback: reading.traceback ?? task.traceback,
    progress: custom ? reading.value : task.progress,
    resultMeta: { status, readAt, extended },
  };
}

/** What the backend holds is whole; masked text stays masked. */
function better(known: TaskText, text: string | null): TaskText {
  if (text === null || known.fidelity === 'exact' || known.fidelity === 'redacted') return known;
  const fidelity = isMasked(text) ? 'redacted' : 'exact';
  return { text, fidelity, source: 'result', sizeBytes: Buffer.byteLength(text) };
}
