import { expect, inject, vi } from 'vitest';
import { runPython, type CeleryApp, type RunPythonOptions } from '../../fixtures/celery/python.ts';
import {
  startWorker,
  type PythonWorker,
  type WorkerOptions,
} from '../../fixtures/celery/worker.ts';
import { freshRedisUrl, freshVhost } from '../../fixtures/isolated.ts';
import '../../fixtures/setup/provided.ts';
import { startUmbel, type Umbel } from '../../fixtures/umbel.ts';
import { createApi, type Api } from './api.ts';

export type BrokerKind = 'redis' | 'amqp';

export const BROKERS = ['redis', 'amqp'] as const satisfies readonly BrokerKind[];

/** A cluster of one test file: its own corner of a broker, Python workers, and an Umbel that watches them. */
export type Cluster = {
  kind: BrokerKind;
  app: CeleryApp;
  umbel: Umbel;
  api: Api;
  /** Starts workers at the same time; resolves when they take tasks and Umbel knows them. */
  work(
    ...options: (Omit<WorkerOptions, 'app'> & { app?: Partial<CeleryApp> })[]
  ): Promise<PythonWorker[]>;
  /** Runs Python with this cluster's application; answers the JSON that it printed. */
  python<T>(code: string, options?: Omit<RunPythonOptions, 'app'>): Promise<T>;
  close(): Promise<void>;
};

export type ClusterOptions = {
  app?: Partial<CeleryApp>;
  umbel?: string[];
  /** Priorities 0 to 9. */
  priorities?: boolean;
};

export async function openCluster(
  kind: BrokerKind,
  options: ClusterOptions = {},
): Promise<Cluster> {
  const backend = await freshRedisUrl();
  const vhost = kind === 'amqp' ? await freshVhost() : null;
  const broker = vhost?.url ?? backend;
  const app: CeleryApp = {
    broker,
    backend,
    resultExtended: true,
    taskSent: true,
    priorities: options.priorities ?? false,
    ...options.app,
  };
  const umbel = await startUmbel({
    freshPages: false,
    args: [
      ...['--broker', broker, '--backend', backend, '--log-level', 'warn'],
      ...(vhost === null ? [] : ['--management-url', `${inject('amqpManagementUrl')}/api/`]),
      ...(app.priorities === true && kind === 'redis'
        ? ['--priority-steps', '0,1,2,3,4,5,6,7,8,9']
        : []),
      ...(options.umbel ?? []),
    ],
  });
  const api = createApi(umbel.url);
  const watches = async () => {
    expect((await api.status()).broker.state).toBe('connected');
  };
  await vi.waitFor(watches, { timeout: 30_000, interval: 100 });
  const workers: PythonWorker[] = [];
  return {
    kind,
    app,
    umbel,
    api,
    work: async (...wanted) => {
      const started = await Promise.all(
        wanted.map((one) => startWorker({ ...one, app: { ...app, ...one.app } })),
      );
      workers.push(...started);
      await Promise.all(started.map((worker) => worker.ready));
      return started;
    },
    python: async <T>(code: string, more: Omit<RunPythonOptions, 'app'> = {}) =>
      JSON.parse(await runPython(code, { app, ...more })) as T,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.kill()));
      await umbel.stop();
      await vhost?.remove();
    },
  };
}
