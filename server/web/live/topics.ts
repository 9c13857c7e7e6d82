// The topics of the live gateway: which there are, what a commit changes in them, and how each picture is composed.
import {
  rangeName,
  type LivePicture,
  type LiveTopic,
  type RangeName,
} from '../../../lib/contract/index.ts';
import type { CommitNotice } from '../../store/collecting.ts';
import type { WebCluster } from '../deps.ts';
import { loadOverview } from '../overview.ts';
import { loadQueue } from '../queue-list.ts';
import { loadTask } from '../task-detail.ts';
import { loadWorkers } from '../worker-list.ts';

export const MAX_PUSHED_WORKERS = 200;
const PLAIN: ReadonlySet<string> = new Set(['status', 'overview', 'workers', 'queues', 'tasks']);
const SUBJECT = /^(worker|queue|task):([\s\S]{1,512})$/;

export type TopicRequest = { topic: LiveTopic; range: RangeName };

/** Null when it is no topic. */
export function parseTopic(topic: unknown, range: unknown): TopicRequest | null {
  if (typeof topic !== 'string') return null;
  if (!PLAIN.has(topic) && !SUBJECT.test(topic)) return null;
  const parsed = rangeName.safeParse(range ?? '1h');
  return parsed.success ? { topic: topic as LiveTopic, range: parsed.data } : null;
}

export function isChangedBy(topic: LiveTopic, notice: CommitNotice): boolean {
  if (topic === 'status' || topic === 'overview') return true;
  if (topic === 'workers' || topic.startsWith('worker:')) return notice.workersChanged;
  if (topic === 'queues' || topic.startsWith('queue:')) return notice.queuesChanged;
  if (topic === 'tasks') return true;
  return notice.changedIds?.includes(topic.slice('task:'.length)) ?? true;
}

export type Composed =
  { type: 'picture'; picture: LivePicture } | { type: 'announcement'; topic: 'tasks' | 'workers' };

export async function composeTopic(
  cluster: WebCluster,
  { topic, range }: TopicRequest,
  now: number,
): Promise<Composed> {
  if (topic === 'tasks') return { type: 'announcement', topic };
  if (topic === 'status') return picture({ topic, data: cluster.collector.status() });
  if (topic === 'overview')
    return picture({ topic, data: await loadOverview(cluster, range, now) });
  if (topic === 'queues') return picture({ topic, data: await cluster.reader.queues() });
  if (topic === 'workers') {
    const data = await loadWorkers(cluster, now);
    if (data.length > MAX_PUSHED_WORKERS) return { type: 'announcement', topic };
    return picture({ topic, data });
  }
  const subject = topic.slice(topic.indexOf(':') + 1);
  if (isTopic(topic, 'worker')) {
    return picture({ topic, data: await cluster.reader.worker(subject) });
  }
  if (isTopic(topic, 'queue')) {
    return picture({ topic, data: await loadQueue(cluster, subject, range, now) });
  }
  return picture({ topic, data: await loadTask(cluster, subject, { readResult: false }) });
}

function isTopic<K extends 'worker' | 'queue' | 'task'>(
  topic: string,
  kind: K,
): topic is `${K}:${string}` {
  return topic.startsWith(`${kind}:`);
}

function picture(value: LivePicture): Composed {
  return { type: 'picture', picture: value };
}
