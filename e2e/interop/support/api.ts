import { expect } from 'vitest';
import type {
  ClusterStatus,
  CommandOutcome,
  QueueDetail,
  QueueList,
  RetryForm,
  RetryOutcome,
  RetryRequest,
  TaskDetail,
  TaskFacets,
  TaskPage,
  WorkerCommand,
  WorkerDetail,
  WorkerList,
} from '../../../lib/contract/index.ts';

export type Answer = { status: number; body: unknown };

export type TaskFilter = { q?: string; limit?: number; sort?: string };

/** Umbel's HTTP API as a stranger uses it: nothing but URLs and JSON. */
export type Api = {
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  status(): Promise<ClusterStatus>;
  tasks(filter?: TaskFilter): Promise<TaskPage>;
  total(q: string): Promise<number | null>;
  task(id: string): Promise<TaskDetail | null>;
  /** The state of a task as it is now, or null when it is not known. */
  state(id: string): Promise<string | null>;
  facets(q?: string): Promise<TaskFacets>;
  workers(): Promise<WorkerList['items']>;
  worker(hostname: string): Promise<WorkerDetail>;
  /** As {@link worker}, asked this moment. */
  inspect(hostname: string): Promise<WorkerDetail>;
  queues(): Promise<QueueList['items']>;
  queue(name: string): Promise<QueueDetail | null>;
  revoke(ids: string[], more?: { terminate?: boolean; signal?: string }): Promise<CommandOutcome>;
  command(workers: string[], command: WorkerCommand): Promise<CommandOutcome>;
  retryForm(id: string): Promise<RetryForm>;
  retry(id: string, request: Partial<RetryRequest> & { type: string }): Promise<RetryOutcome>;
  /** Resolves once the task is in this state. */
  until(id: string, state: string, timeoutMs?: number): Promise<TaskDetail>;
};

export function createApi(url: string, name = 'default'): Api {
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
  const cluster = `/clusters/${name}`;
  const get = (path: string) => ask('GET', `${cluster}${path}`);
  const post = (path: string, body: unknown) => ask('POST', `${cluster}${path}`, body);
  const need = async <T>(answer: Promise<Answer>): Promise<T> => {
    const { status, body } = await answer;
    if (status !== 200) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    return body as T;
  };
  const find = async <T>(answer: Promise<Answer>): Promise<T | null> => {
    const { status, body } = await answer;
    if (status === 404) return null;
    if (status !== 200) throw new Error(`${String(status)}: ${JSON.stringify(body)}`);
    return body as T;
  };
  const at = encodeURIComponent;

  const tasks = ({ q = '', limit = 50, sort = '-updated' }: TaskFilter = {}) =>
    need<TaskPage>(get(`/tasks?q=${at(q)}&limit=${String(limit)}&sort=${sort}`));
  const task = (id: string) => find<TaskDetail>(get(`/tasks/${at(id)}`));
  const state = async (id: string) => (await task(id))?.state ?? null;

  return {
    get,
    post,
    status: () => need(get('')),
    tasks,
    total: async (q) => (await tasks({ q, limit: 1 })).total,
    task,
    state,
    facets: (q = '') => need(get(`/tasks/facets?q=${at(q)}&range=all`)),
    workers: async () => (await need<WorkerList>(get('/workers'))).items,
    worker: (hostname) => need(get(`/workers/${at(hostname)}`)),
    inspect: (hostname) => need(post(`/workers/${at(hostname)}/inspect`, {})),
    queues: async () => (await need<QueueList>(get('/queues'))).items,
    queue: (name) => find(get(`/queues/${at(name)}?range=15m`)),
    revoke: (ids, more = {}) => need(post('/tasks/revoke', { ids, ...more })),
    command: (workers, command) => need(post('/workers/command', { workers, command })),
    retryForm: (id) => need(get(`/tasks/${at(id)}/retry`)),
    retry: (id, request) => need(post(`/tasks/${at(id)}/retry`, request)),
    until: async (id, wanted, timeoutMs = 20_000) => {
      await expect.poll(() => state(id), { timeout: timeoutMs, interval: 100 }).toBe(wanted);
      const found = await task(id);
      if (found === null) throw new Error(`${id} is not known`);
      return found;
    },
  };
}
