// Writes what a cluster of Celery workers writes to Redis: `task-sent` one by one from clients, everything else in batches per
// worker (`task.multi`), about four events a task, kombu's envelopes to the byte. Built for speed: strings, no JSON.stringify.
import { randomBytes } from 'node:crypto';

export type MixOptions = {
  workers: number;
  types: number;
  /** How long a task runs: its events are that far apart. */
  lifeMs: { min: number; max: number };
  /** Single-event messages instead of batches, as eventlet and gevent workers send. */
  single: boolean;
  /** Characters of arguments and result each. */
  payloadChars: number;
};

export const DEFAULT_MIX: MixOptions = {
  workers: 10,
  types: 50,
  lifeMs: { min: 1, max: 20 },
  single: false,
  payloadChars: 60,
};

const MAX_BATCH = 24;
const SLOT_MS = 5;
const SLOTS = 4096;

export class EventMix {
  readonly options: MixOptions;
  eventCount = 0;
  taskCount = 0;
  readonly outcomes = { success: 0, failure: 0, retry: 0 };
  readonly idPrefix = randomBytes(4).toString('hex');
  #buffers: string[][];
  #wheel: { worker: number; text: string }[][] = Array.from({ length: SLOTS }, () => []);
  #slot = 0;
  #out: string[] = [];
  #clock = 0;
  #args: string;
  #result: string;

  constructor(options: Partial<MixOptions> = {}) {
    this.options = { ...DEFAULT_MIX, ...options };
    this.#buffers = Array.from({ length: this.options.workers }, () => []);
    const filler = 'x'.repeat(Math.max(0, this.options.payloadChars - 40));
    this.#args = `'cust-${filler}', {'currency': 'EUR', 'amount': 12.5}`;
    this.#result = `{'ok': True, 'note': '${filler}'}`;
  }

  /** Events still to come of tasks that were begun. */
  get pending(): boolean {
    return (
      this.#wheel.some((slot) => slot.length > 0) ||
      this.#buffers.some((buffer) => buffer.length > 0)
    );
  }

  /** Begins `tasks` tasks, moves time by one slot (5 ms), and returns the PUBLISH commands that are due. */
  tick(tasks: number): string {
    this.#out = [];
    for (let index = 0; index < tasks; index += 1) this.#begin();
    const due = this.#wheel[this.#slot] ?? [];
    this.#wheel[this.#slot] = [];
    for (const { worker, text } of due) this.#buffers[worker]?.push(text);
    this.#slot = (this.#slot + 1) % SLOTS;
    for (let worker = 0; worker < this.#buffers.length; worker += 1) this.#flush(worker);
    return this.#out.join('');
  }

  heartbeats(): string {
    this.#out = [];
    for (let worker = 0; worker < this.options.workers; worker += 1) {
      const host = hostname(worker);
      const fields = `"freq": 2.0, "active": 3, "processed": ${this.taskCount}, "loadavg": [1.0, 0.9, 0.8], "sw_ident": "py-celery", "sw_ver": "5.7.0", "sw_sys": "Linux"`;
      const body = `{"hostname": "${host}", "utcoffset": 0, "pid": ${1000 + worker}, "clock": ${(this.#clock += 1)}, ${fields}, "timestamp": ${now()}, "type": "worker-heartbeat"}`;
      this.#publish('worker.heartbeat', host, body);
      this.eventCount += 1;
    }
    return this.#out.join('');
  }

  #begin(): void {
    const number = this.taskCount;
    this.taskCount += 1;
    const id = taskId(this.idPrefix, number);
    const worker = number % this.options.workers;
    const host = hostname(worker);
    const name = `shop.tasks.type_${String(number % this.options.types).padStart(2, '0')}`;
    const args = `(${number}, ${this.#args})`;
    const common = `"uuid": "${id}", "name": "${name}", "args": "${args}", "kwargs": "{}", "root_id": "${id}", "parent_id": null, "retries": 0, "eta": null, "expires": null`;
    const sent = `{"hostname": "gen812@web-1", "utcoffset": 0, "pid": 812, "clock": 1, ${common}, "queue": "celery", "exchange": "", "routing_key": "celery", "timestamp": ${now()}, "type": "task-sent"}`;
    this.#publish('task.sent', 'gen812@web-1', sent);
    this.eventCount += 1;
    const head = `{"hostname": "${host}", "utcoffset": 0, "pid": ${1000 + worker}, "clock": `;
    const { min, max } = this.options.lifeMs;
    const life = min + ((number * 7919) % Math.max(1, max - min));
    this.#buffers[worker]?.push(
      `${head}${(this.#clock += 1)}, ${common}, "timestamp": ${now()}, "type": "task-received"}`,
    );
    this.#buffers[worker]?.push(
      `${head}${(this.#clock += 1)}, "uuid": "${id}", "timestamp": ${now()}, "type": "task-started"}`,
    );
    this.#later(worker, life, this.#ending(head, id, number, life));
  }

  /** 2 in 100 fail, 1 in 100 is retried and then succeeds. The timestamp is filled in when it is due. */
  #ending(head: string, id: string, number: number, life: number): string {
    const kind = number % 100;
    if (kind < 2) {
      this.outcomes.failure += 1;
      return `${head}${(this.#clock += 1)}, "uuid": "${id}", "exception": "ValueError('no such order')", "traceback": "Traceback (most recent call last):\\n  File \\"shop/tasks.py\\", line 41, in charge\\n    raise ValueError('no such order')\\nValueError: no such order\\n", "timestamp": @, "type": "task-failed"}`;
    }
    this.outcomes.success += 1;
    return `${head}${(this.#clock += 1)}, "uuid": "${id}", "result": "${this.#result}", "runtime": ${(life / 1000).toFixed(6)}, "timestamp": @, "type": "task-succeeded"}`;
  }

  #later(worker: number, delayMs: number, text: string): void {
    const slot =
      (this.#slot + Math.min(SLOTS - 1, Math.max(1, Math.round(delayMs / SLOT_MS)))) % SLOTS;
    this.#wheel[slot]?.push({ worker, text });
  }

  #flush(worker: number): void {
    const buffer = this.#buffers[worker];
    if (buffer === undefined || buffer.length === 0) return;
    const host = hostname(worker);
    const stamp = now();
    const limit = this.options.single ? 1 : MAX_BATCH;
    for (let from = 0; from < buffer.length; from += limit) {
      const batch = buffer
        .slice(from, from + limit)
        .map((text) => text.replace('"timestamp": @', `"timestamp": ${stamp}`));
      this.eventCount += batch.length;
      if (this.options.single) this.#publish('task.succeeded', host, batch[0] ?? '');
      else this.#publish('task.multi', host, `[${batch.join(', ')}]`);
    }
    buffer.length = 0;
  }

  #publish(routingKey: string, host: string, body: string): void {
    const envelope = `{"body": "${Buffer.from(body).toString('base64')}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "${host}"}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", "routing_key": "${routingKey}"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "77895127-aaba-470f-8018-ec7f0cea73a6"}}`;
    const channel = `/0.celeryev/${routingKey}`;
    this.#out.push(
      `*3\r\n$7\r\nPUBLISH\r\n$${String(channel.length)}\r\n${channel}\r\n$${String(envelope.length)}\r\n${envelope}\r\n`,
    );
  }
}

export function hostname(worker: number): string {
  return `celery@host-${String(worker).padStart(2, '0')}`;
}

export function taskId(prefix: string, number: number): string {
  const hex = number.toString(16).padStart(12, '0');
  return `${prefix}-0000-4000-8000-${hex}`;
}

function now(): string {
  return (Date.now() / 1000).toFixed(6);
}
