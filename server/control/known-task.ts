// Everything that Umbel can learn of a task that may be sent again, and where from: the message while the broker still has it, the
// message as it was seen waiting, an extended result, inspect, and last the shortened text of events.
import { pythonArguments, pythonRepr } from '../../lib/python/repr.ts';
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import { decodeTaskMessage, type TaskMessage } from '../celery/message.ts';
import type { ResultMeta } from '../celery/result-meta.ts';
import { AppError, errorText } from '../core/errors.ts';
import type { PeekedMessage } from '../broker/transport.ts';
import { FINAL_STATES } from '../../lib/contract/index.ts';
import type { TaskRecord } from '../store/task-record.ts';
import type { ControlDeps } from './deps.ts';

const PEEK_LIMIT = 1000;

export type KnownTask = {
  id: string;
  record: TaskRecord | null;
  message: {
    task: TaskMessage;
    source: 'waiting message' | 'in-flight message';
    queue: string;
    priority: number | null;
  } | null;
  meta: ResultMeta | null;
  /** What could not be asked, in sentences. */
  notes: string[];
};

/** Throws not_found when no source knows the id. */
export async function learnTask(deps: ControlDeps, id: string): Promise<KnownTask> {
  const notes: string[] = [];
  const [record = null] = await deps.reader.getTaskRecords([id]);
  const unfinished = record === null || !FINAL_STATES.has(record.state);
  const message = unfinished ? await findMessage(deps, id, record, notes) : null;
  const meta = await readMeta(deps, id, notes);
  if (record === null && message === null && meta === null) {
    throw new AppError(
      'not_found',
      `Nothing is known of the task ${id}: no event, message or result.`,
    );
  }
  return { id, record, message, meta, notes };
}

async function readMeta(
  deps: ControlDeps,
  id: string,
  notes: string[],
): Promise<ResultMeta | null> {
  if (deps.backend === null) {
    notes.push(
      'No result backend is configured (--backend), so arguments cannot be read from results.',
    );
    return null;
  }
  try {
    return await deps.backend.get(id);
  } catch (error) {
    notes.push(`The result backend could not be read: ${errorText(error)}`);
    return null;
  }
}

async function findMessage(
  deps: ControlDeps,
  id: string,
  record: TaskRecord | null,
  notes: string[],
): Promise<KnownTask['message']> {
  const { peek, inFlight } = deps.transport.capabilities;
  try {
    if (inFlight.ok) {
      const held = await deps.transport.peekInFlight({ limit: PEEK_LIMIT, ids: [id] });
      const found = pick(held.messages, id);
      if (found !== null) return { ...found, source: 'in-flight message' };
    }
    const queue = record?.queue ?? null;
    if (!peek.ok) notes.push(peek.reason ?? 'This broker cannot show waiting messages.');
    else if (queue !== null) {
      for (const from of ['next', 'newest'] as const) {
        const slice = await deps.transport.peek(queue, { from, limit: PEEK_LIMIT });
        const found = pick(slice.messages, id);
        if (found !== null) return { ...found, source: 'waiting message' };
        if (!slice.truncated) break;
      }
    }
  } catch (error) {
    notes.push(`The broker could not be searched for the message: ${errorText(error)}`);
  }
  return null;
}

function pick(messages: readonly PeekedMessage[], id: string) {
  for (const { message, queue, priority } of messages) {
    if (message === null || (message.headers['id'] !== undefined && message.headers['id'] !== id))
      continue;
    const task = decodeTaskMessage(message);
    if (task.ok && task.value.id === id)
      return { task: task.value, queue, priority: task.value.priority ?? priority };
  }
  return null;
}

/** Python text of values for people: a list as a tuple, as Celery prints arguments. */
export function argsText(args: readonly PyValue[]): string {
  return pythonArguments(args);
}

export function kwargsText(kwargs: PyDict): string {
  return pythonRepr(kwargs);
}
