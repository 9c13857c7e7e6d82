// The events of a worker: task-* in batches of at most 24, flushed at each turn of the loop as Python's workers do, the rest
// singly; heartbeats at a fixed rate. It must not know what happened to tasks, only how it is told.
import { loadavg } from 'node:os';
import type { PyValue } from '../../lib/python/values.ts';
import { pyFloat } from '../../lib/python/values.ts';
import type { Transport } from '../broker/transport.ts';
import {
  MULTI_BATCH_SIZE,
  MULTI_ROUTING_KEY,
  createEvent,
  encodeEventBatch,
  type RawEvent,
} from '../celery/event.ts';
import { createEventPublisher, type EventPublisher } from '../client/event-publisher.ts';
import type { LamportClock } from '../client/lamport-clock.ts';
import type { Clock } from '../core/clock.ts';
import { packageVersion } from '../core/package.ts';

export const HEARTBEAT_MS = 2000;
/** Events that wait for a broker that is away; the oldest go first. */
const MAX_PENDING = 10_000;

export type WorkerEventsOptions = {
  transport: Transport;
  hostname: string;
  lamport: LamportClock;
  clock: Clock;
  /** Whether task-* events are sent. */
  enabled: boolean;
  counts: () => { active: number; processed: number };
  heartbeatMs: number;
  /** After each. */
  onHeartbeat: () => void;
};

export class WorkerEvents {
  readonly #options: WorkerEventsOptions;
  readonly #single: EventPublisher;
  #pending: RawEvent[] = [];
  #flushing: Promise<void> | null = null;
  #scheduled: NodeJS.Immediate | null = null;
  #heartbeat: NodeJS.Timeout | null = null;
  readonly #version = packageVersion();
  enabled: boolean;

  constructor(options: WorkerEventsOptions) {
    this.#options = options;
    this.enabled = options.enabled;
    this.#single = createEventPublisher(options);
  }

  task(type: string, uuid: string, fields: Record<string, PyValue> = {}): void {
    if (!this.enabled) return;
    const { hostname, lamport, clock } = this.#options;
    const sender = {
      hostname,
      pid: process.pid,
      clock: lamport.forward(),
      sentAt: clock.now(),
    };
    if (this.#pending.length >= MAX_PENDING) this.#pending.shift();
    this.#pending.push(createEvent(type, sender, { uuid, ...fields }));
    if (this.#pending.length >= MULTI_BATCH_SIZE) void this.flush();
    else this.#scheduled ??= setImmediate(() => void this.flush());
  }

  /** An event of a task's own, sent singly as Python's pool processes do. */
  custom(type: string, uuid: string, fields: Record<string, PyValue>): Promise<void> {
    if (!this.enabled) return Promise.resolve();
    return this.#single.publish(type, { uuid, ...fields });
  }

  /** Any other event of the worker itself. */
  announce(type: string, fields: Record<string, PyValue>): Promise<void> {
    return this.#single.publish(type, fields);
  }

  worker(type: 'worker-online' | 'worker-heartbeat' | 'worker-offline'): Promise<void> {
    return this.#single.publish(type, {
      freq: pyFloat(this.#options.heartbeatMs / 1000),
      sw_ident: 'umbel',
      sw_ver: this.#version,
      sw_sys: systemName(),
      ...this.#options.counts(),
      loadavg: loadavg().map((load) => pyFloat(Math.round(load * 100) / 100)),
    });
  }

  /** The answer to the command `heartbeat`, which carries less. */
  pulse(): Promise<void> {
    return this.#single.publish('worker-heartbeat', {
      freq: 5,
      sw_ident: 'umbel',
      sw_ver: this.#version,
      sw_sys: systemName(),
    });
  }

  startHeartbeat(): void {
    this.#heartbeat ??= setInterval(() => void this.#beat(), this.#options.heartbeatMs);
  }

  async #beat(): Promise<void> {
    await this.worker('worker-heartbeat');
    this.#options.onHeartbeat();
  }

  flush(): Promise<void> {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    this.#flushing ??= this.#publishAll().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async stop(): Promise<void> {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#heartbeat = null;
    await this.flush();
  }

  async #publishAll(): Promise<void> {
    const { transport, hostname } = this.#options;
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, MULTI_BATCH_SIZE);
      const message = {
        headers: { hostname },
        properties: { deliveryMode: 1 },
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        body: Buffer.from(encodeEventBatch(batch)),
      };
      this.#pending.splice(0, batch.length);
      try {
        await transport.publishEvent(message, MULTI_ROUTING_KEY);
      } catch {
        this.#pending.unshift(...batch);
        return;
      }
    }
  }
}

function systemName(): string {
  return process.platform === 'linux' ? 'Linux' : process.platform;
}
