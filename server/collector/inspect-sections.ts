// Puts the reply of one worker to one inspect command into its entry. A reply that cannot be read keeps the old value and
// says why.
import type { Section, WorkerTask } from '../../lib/contract/index.ts';
import type { PyDict, PyValue } from '../../lib/python/values.ts';
import { isPyDict, setKey, toPlain } from '../../lib/python/values.ts';
import {
  decodeActiveQueues,
  decodeConf,
  decodeRegistered,
  decodeRevoked,
  decodeScheduled,
  decodeStats,
  decodeTaskInfos,
  type ScheduledTask,
  type TaskInfo,
} from '../celery/control.ts';
import { redactUrl } from '../core/redact.ts';
import { isSecretName, MASK, type TextRedactor } from '../core/redact-text.ts';
import type { InspectMethod } from '../store/collecting.ts';
import { cutText, MAX_NAME_CHARS } from './bounds.ts';
import { boundedText } from './exact-text.ts';
import type { WorkerEntry, WorkerSections } from './worker-book.ts';

const SECTION_OF: Readonly<Record<InspectMethod, keyof WorkerSections>> = {
  active: 'running',
  reserved: 'reserved',
  scheduled: 'scheduled',
  revoked: 'revoked',
  registered: 'registered',
  active_queues: 'activeQueues',
  stats: 'stats',
  conf: 'conf',
};

const MAX_LISTED = 1000;

/** Tasks that the reply names, for the fold. */
export type NamedTasks = {
  running: TaskInfo[];
  reserved: TaskInfo[];
  scheduled: ScheduledTask[];
  revoked: string[];
};

export function createNamedTasks(): NamedTasks {
  return { running: [], reserved: [], scheduled: [], revoked: [] };
}

export function sectionReason(entry: WorkerEntry, method: InspectMethod, reason: string): void {
  const name = SECTION_OF[method];
  entry.sections = { ...entry.sections, [name]: { ...entry.sections[name], reason } };
}

/** When the last answer that could be read came; null: none did. */
export function readAtOf(entry: WorkerEntry, method: InspectMethod): number | null {
  return entry.sections[SECTION_OF[method]].readAt;
}

/** Whether the answer taken at `now` could be read. */
export function wasRead(entry: WorkerEntry, method: InspectMethod, now: number): boolean {
  const section = entry.sections[SECTION_OF[method]];
  return section.readAt === now && section.reason === null;
}

export function applyReply(
  entry: WorkerEntry,
  method: InspectMethod,
  reply: unknown,
  now: number,
  redact: TextRedactor,
): NamedTasks {
  const value = reply as PyValue;
  const named = createNamedTasks();
  const done = <T>(section: T): Section<T> => ({ value: section, readAt: now, reason: null });
  const set = (sections: Partial<WorkerSections>): void => {
    entry.sections = { ...entry.sections, ...sections };
  };
  const refuse = (reason: string): NamedTasks => {
    sectionReason(entry, method, reason);
    return named;
  };
  switch (method) {
    case 'active':
    case 'reserved': {
      const result = decodeTaskInfos(value);
      if (!result.ok) return refuse(result.message);
      const list = result.value;
      const section = done(list.slice(0, MAX_LISTED).map((info) => workerTask(info, null, redact)));
      if (method === 'active') {
        named.running = list;
        set({ running: section });
      } else {
        named.reserved = list;
        set({ reserved: section });
      }
      return named;
    }
    case 'scheduled': {
      const result = decodeScheduled(value);
      if (!result.ok) return refuse(result.message);
      named.scheduled = result.value;
      const listed = result.value.slice(0, MAX_LISTED);
      set({ scheduled: done(listed.map((item) => workerTask(item.request, item.etaAt, redact))) });
      return named;
    }
    case 'revoked': {
      const result = decodeRevoked(value);
      if (!result.ok) return refuse(result.message);
      named.revoked = result.value;
      set({
        revoked: done(result.value.slice(0, MAX_LISTED).map((id) => cutText(id, MAX_NAME_CHARS))),
      });
      return named;
    }
    case 'registered': {
      const result = decodeRegistered(value);
      if (!result.ok) return refuse(result.message);
      set({
        registered: done(
          result.value.slice(0, 5000).map(({ name, attributes }) => ({
            name: cutText(name, MAX_NAME_CHARS),
            rateLimit: rateLimitOf(attributes['rate_limit']),
            info: infoOf(attributes),
          })),
        ),
      });
      return named;
    }
    case 'active_queues': {
      const result = decodeActiveQueues(value);
      if (!result.ok) return refuse(result.message);
      entry.queues = result.value;
      set({
        activeQueues: done(
          result.value.map((queue) => ({
            name: queue.name,
            exchange: queue.exchange,
            exchangeType: queue.exchangeType,
            routingKey: queue.routingKey,
            durable: queue.durable,
          })),
        ),
      });
      return named;
    }
    case 'stats': {
      const result = decodeStats(value);
      if (!result.ok) return refuse(result.message);
      entry.stats = result.value;
      set({ stats: done(masked(result.value.raw, redact)) });
      return named;
    }
    case 'conf': {
      const result = decodeConf(value);
      if (!result.ok) return refuse(result.message);
      entry.poolRestarts = result.value['worker_pool_restarts'] === true;
      set({ conf: done(masked(result.value, redact)) });
      return named;
    }
  }
}

/** Celery takes nothing, None and any zero for "no limit". */
function rateLimitOf(text: string | undefined): string | null {
  return text === undefined || text === 'None' || Number.parseFloat(text) === 0 ? null : text;
}

function infoOf(attributes: Record<string, string>): string | null {
  const rest = Object.entries(attributes).filter(([name]) => name !== 'rate_limit');
  return rest.length === 0 ? null : rest.map(([name, text]) => `${name}=${text}`).join(' ');
}

function workerTask(info: TaskInfo, etaAt: number | null, redact: TextRedactor): WorkerTask {
  const text = (value: PyValue): string | null => {
    const shown = boundedText(value);
    return shown === null ? null : redact(shown);
  };
  return {
    id: cutText(info.id, MAX_NAME_CHARS),
    type: cutText(info.type ?? info.name, MAX_NAME_CHARS),
    args: text(info.args),
    kwargs: text(info.kwargs),
    startedAt: info.startedAt,
    etaAt,
    queue: info.routingKey,
    priority: info.priority,
    acknowledged: info.acknowledged,
    pid: info.workerPid,
  };
}

const SECRET_NAME =
  /pass(word|wd|phrase)?$|password|secret|token|api_?key|private_?key|credential|^keyfile/i;
const MAX_DEPTH = 8;

/** Secrets by name, of ours and of the configuration, and in URLs; workers mask only some themselves. */
export function masked(dict: PyDict, redact: TextRedactor): Record<string, unknown> {
  return maskValue(toPlain(dict), redact, 0) as Record<string, unknown>;
}

function maskValue(value: unknown, redact: TextRedactor, depth: number): unknown {
  if (typeof value === 'string') return redact(redactUrl(cutText(value, 4096)));
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value))
    return value.slice(0, 1000).map((item) => maskValue(item, redact, depth + 1));
  if (!isPyDict(value)) return '…';
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const isSecret = SECRET_NAME.test(name) || isSecretName(name, redact);
    const hidden = isSecret && item !== null && item !== false && item !== '';
    setKey(result, name, hidden ? MASK : maskValue(item, redact, depth + 1));
  }
  return result;
}
