// What every verb needs; the composition root hands it over.
import type { ResultBackend } from '../backend/result-backend.ts';
import type { Transport } from '../broker/transport.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { CollectorHandle } from '../store/collecting.ts';
import type { DashboardStore, StoreReader } from '../store/store.ts';
import type { AppSchedule } from './read-schedule.ts';

export type ControlDeps = {
  cluster: string;
  transport: Transport;
  /** Null when no result backend is configured. */
  backend: ResultBackend | null;
  reader: StoreReader;
  collector: CollectorHandle;
  dashboard: DashboardStore;
  readOnly: boolean;
  redactKeys: readonly string[];
  /** Null: Umbel was not started with an app. */
  appSchedule: AppSchedule | null;
  /** How long workers get to answer a command. */
  replyTimeoutMs: number;
  /** How long a worker gets to go offline after `shutdown` before the answer says that it is still finishing. */
  shutdownTimeoutMs: number;
  clock: Clock;
  logger: Logger;
};
