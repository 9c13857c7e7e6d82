// A control room over the embedded broker, the memory result backend and a real store in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { ClusterStatus, WorkerDetail } from '../../../lib/contract/index.ts';
import { createBackend } from '../../backend/create-backend.ts';
import type { ResultBackend } from '../../backend/result-backend.ts';
import { createTransport } from '../../broker/connect.ts';
import { MemoryBroker } from '../../broker/memory/memory-broker.ts';
import { serveMemoryBroker } from '../../broker/memory/serve.ts';
import type { ControlDelivery, Transport } from '../../broker/transport.ts';
import { silentLogger } from '../../core/logger.ts';
import type { Annotation, InspectMethod, CommitNotice } from '../../store/collecting.ts';
import { openDashboardStore } from '../../store/sqlite/dashboard-store.ts';
import { openStoreReader } from '../../store/sqlite/reader.ts';
import { openStoreWriter } from '../../store/sqlite/writer.ts';
import type { DashboardStore, StoreWriter } from '../../store/store.ts';
import { createTaskRecord, type TaskRecord } from '../../store/task-record.ts';
import type { Control } from '../control.ts';
import { createControl } from '../create-control.ts';
import type { ControlDeps } from '../deps.ts';

export const NOW = Date.UTC(2026, 4, 1, 12);
const HOUR_MS = 3_600_000;

export type ControlRoom = {
  control: Control;
  transport: Transport;
  backend: ResultBackend;
  dashboard: DashboardStore;
  annotations: Annotation[];
  inspected: {
    hostnames: readonly string[] | null;
    methods: readonly InspectMethod[] | undefined;
  }[];
  task: (changes: Partial<TaskRecord> & { id: string }) => void;
  worker: (hostname: string, changes?: Partial<WorkerDetail>) => void;
  /** A worker's mailbox that answers every request with what `answer` returns; requests are kept. */
  serve: (
    hostname: string,
    answer: (method: string) => unknown,
  ) => Promise<ControlDelivery['request'][]>;
  close: () => Promise<void>;
};

export async function openControlRoom(changes: Partial<ControlDeps> = {}): Promise<ControlRoom> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'umbel-control-'));
  const broker = new MemoryBroker();
  const open = () => {
    const { port1, port2 } = new MessageChannel();
    serveMemoryBroker(broker, port1);
    return port2;
  };
  const connect = async () => {
    const transport = createTransport({ url: 'memory://', port: open() });
    await transport.connect();
    return transport;
  };
  const transport = await connect();
  const backend = createBackend('memory://', { port: open() });
  await backend.connect();
  const file = path.join(directory, 'cluster.sqlite');
  const retention = { maxAgeMs: null, failureMaxAgeMs: null, maxBytes: null, maxTasks: null };
  const clock = { now: () => NOW };
  const writer: StoreWriter = openStoreWriter({
    path: file,
    retention,
    logger: silentLogger,
    clock,
  });
  writer.commit({ now: NOW });
  const reader = openStoreReader({ path: file, threads: 1 });
  const dashboard = openDashboardStore({ path: path.join(directory, 'dashboard.sqlite') });
  const annotations: Annotation[] = [];
  const inspected: ControlRoom['inspected'] = [];
  const listeners = new Set<(notice: CommitNotice) => void>();
  const others: Transport[] = [];
  const status = {
    broker: { state: 'connected', since: NOW - HOUR_MS },
    firstEventAt: NOW - HOUR_MS,
  } as ClusterStatus;
  const notify = () => {
    for (const listener of listeners) listener({ workersChanged: true } as CommitNotice);
  };
  const control = createControl({
    cluster: 'test',
    transport,
    backend,
    reader,
    collector: {
      status: () => status,
      onCommit: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      annotate: (annotation) => {
        annotations.push(annotation);
        return Promise.resolve();
      },
      inspectNow: (hostnames, methods) => {
        inspected.push({ hostnames, methods });
        return Promise.resolve();
      },
      forgetWorker: (hostname) => {
        writer.commit({ forgetWorkers: [hostname], now: NOW });
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
      failed: () => new Promise(() => undefined),
    },
    dashboard,
    readOnly: false,
    redactKeys: [],
    appSchedule: null,
    replyTimeoutMs: 300,
    shutdownTimeoutMs: 300,
    clock,
    logger: silentLogger,
    ...changes,
  });
  return {
    control,
    transport,
    backend,
    dashboard,
    annotations,
    inspected,
    task: (record) => {
      writer.commit({ tasks: [{ ...createTaskRecord(record.id, NOW), ...record }], now: NOW });
    },
    worker: (hostname, detail = {}) => {
      writer.commit({ workers: [{ hostname, detail: workerDetail(hostname, detail) }], now: NOW });
      notify();
    },
    serve: async (hostname, answer) => {
      const own = await connect();
      others.push(own);
      const requests: ControlDelivery['request'][] = [];
      await own.serveControl(hostname, (delivery) => {
        requests.push(delivery.request);
        void delivery.reply(answer(delivery.request.method));
      });
      return requests;
    },
    close: async () => {
      for (const other of others) await other.close();
      await backend.close();
      await transport.close();
      await reader.close();
      dashboard.close();
      writer.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function workerDetail(hostname: string, changes: Partial<WorkerDetail>): WorkerDetail {
  const section = { value: null, readAt: null, reason: null };
  return {
    hostname,
    state: 'online',
    stateReason: null,
    lastSeenAt: NOW,
    firstSeenAt: NOW,
    heartbeatMs: 2000,
    active: 0,
    concurrency: 2,
    processed: 0,
    prefetched: 0,
    pool: 'prefork',
    queues: ['celery'],
    loadAverage: null,
    memoryBytes: null,
    uptimeMs: null,
    pid: 1,
    software: 'py-celery 5.7.0',
    eventsEnabled: true,
    duplicateHostname: false,
    clockSkewMs: null,
    executedPerSecond: null,
    failedPerSecond: null,
    running: section,
    reserved: section,
    scheduled: section,
    revoked: section,
    registered: section,
    activeQueues: section,
    stats: section,
    conf: section,
    supports: {},
    ...changes,
  };
}
