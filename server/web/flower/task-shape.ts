// One task as Flower's API shows it: the fields of Celery's event Task, float epoch seconds, ISO etas, Python text.
import { CELERY_STATE } from '../../../lib/contract/index.ts';
import type { TaskRecord } from '../../store/task-record.ts';

/** Its name is empty; what is published through it is known by its routing key. */
const DEFAULT_EXCHANGE = '';

export function toFlowerTask(
  record: TaskRecord,
  children: readonly string[] = [],
): Record<string, unknown> {
  const { id, rootId, parentId, worker } = record;
  return {
    uuid: id,
    name: record.type,
    state: celeryState(record),
    received: seconds(record.receivedAt),
    sent: seconds(record.sentAt),
    started: seconds(record.startedAt),
    rejected: moment(record, 'task-rejected', 'rejected'),
    succeeded: moment(record, 'task-succeeded', 'success'),
    failed: moment(record, 'task-failed', 'failure'),
    retried: moment(record, 'task-retried', 'retry'),
    revoked: moment(record, 'task-revoked', 'revoked'),
    args: record.args,
    kwargs: record.kwargs,
    eta: iso(record.etaAt),
    expires: iso(record.expiresAt),
    retries: record.retries,
    ...(worker === null ? {} : { worker }),
    result: record.result,
    exception: record.exception,
    timestamp: seconds(record.updatedAt),
    runtime: record.runtimeMs === null ? null : record.runtimeMs / 1000,
    traceback: record.traceback,
    exchange: record.exchange ?? (record.routingKey === null ? null : DEFAULT_EXCHANGE),
    routing_key: record.routingKey,
    clock: record.stateClock,
    client: record.sentBy,
    root: rootId,
    root_id: rootId,
    parent: parentId,
    parent_id: parentId,
    children: [...children],
  };
}

export function celeryState(record: TaskRecord): string {
  if (record.customState !== null) return record.customState;
  if (record.state === 'scheduled' && record.receivedAt === null) return 'PENDING';
  return CELERY_STATE[record.state] ?? record.state.toUpperCase();
}

function moment(record: TaskRecord, event: string, state: TaskRecord['state']): number | null {
  const fact = record.timeline.findLast(({ type }) => type === event);
  return seconds(fact?.at ?? (record.state === state ? record.finishedAt : null));
}

function seconds(at: number | null): number | null {
  return at === null ? null : at / 1000;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().replace('Z', '+00:00');
}
