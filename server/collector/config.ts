// What a collector thread is told at its start. Everything can be cloned into a thread; ports are transferred.
import type { MessagePort } from 'node:worker_threads';
import type { TransportOptions } from '../broker/transport.ts';
import type { LogLevel } from '../core/logger.ts';
import type { RetentionOptions } from '../store/store.ts';

export type CollectorConfig = {
  cluster: string;
  demo: boolean;
  /** Begin with an empty store. */
  clearHistory: boolean;
  /** `port` leads to the memory broker. */
  transport: TransportOptions & { port?: MessagePort };
  backend: {
    url: string | null;
    port: MessagePort | null;
    keyPrefix?: string;
    sentinelMaster?: string;
  };
  storePath: string;
  retention: RetentionOptions;
  redactKeys: readonly string[];
  /** Active, reserved and scheduled tasks are asked for this often; null: workers are not asked. */
  inspectIntervalMs: number | null;
  inspectTimeoutMs: number;
  /** A silence longer than this makes a worker offline. */
  offlineAfterMs: number;
  /** A task that nobody has held for so long is lost; 50 s by default. */
  lostAfterMs?: number;
  /** Workers that are offline so long are forgotten; a day by default. */
  forgetAfterMs?: number;
  /** Queues to show beside those that are found. */
  queues: readonly string[];
  enableEvents: boolean;
  logLevel: LogLevel;
};

export const DEFAULT_FORGET_AFTER_MS = 86_400_000;
export const DEFAULT_LOST_AFTER_MS = 50_000;
