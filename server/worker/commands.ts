// The remote control commands of a worker, by name: those that ask (inspect.ts) and those that change something. Replies are
// worded as Celery's. Mirrors celery.worker.control.
import { pythonRepr } from '../../lib/python/repr.ts';
import { isPyDict, setKey, toPlain, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { toPyValue } from '../celery/fields.ts';
import type { Celery } from '../client/celery.ts';
import type { LamportClock } from '../client/lamport-clock.ts';
import type { QueueDefinition } from '../client/queues.ts';
import type { TaskOptions } from '../client/task-types.ts';
import type { Autoscaler } from './autoscaler.ts';
import type { TaskConsumer } from './consumer.ts';
import type { Gossip } from './gossip.ts';
import { createInspection } from './inspection.ts';
import type { TaskPool } from './pool/task-pool.ts';
import { parseRateLimit } from './rate-limit.ts';
import type { RevokedStamps } from './revoked-stamps.ts';
import type { RevokedTasks } from './revoked-tasks.ts';
import { storeRevoked } from './store-result.ts';
import type { WorkerEvents } from './worker-events.ts';

export type WorkerState = {
  app: Celery;
  hostname: string;
  startedAt: number;
  lamport: LamportClock;
  revoked: RevokedTasks;
  events: WorkerEvents;
  pool: TaskPool;
  consumer: TaskConsumer;
  tasks: Map<string, TaskOptions>;
  defaultLimits: { softTimeLimitMs: number | null; timeLimitMs: number | null };
  startedWithEvents: boolean;
  stamps: RevokedStamps;
  autoscaler: Autoscaler | null;
  /** Null without gossip. */
  gossip: Gossip | null;
  shutdown: () => void;
};

export type CommandArguments = Record<string, PyValue>;
/** `undefined` answers nothing. */
export type Command = (
  given: CommandArguments,
) => PyValue | undefined | Promise<PyValue | undefined>;

const ok = (text: string): PyValue => ({ ok: text });
const refusal = (text: string): PyValue => ({ error: text });

const MAX_POOL = 1000;

export function createCommands(state: WorkerState): ReadonlyMap<string, Command> {
  const { autoscaler, consumer, hostname, events, pool, revoked, stamps, tasks } = state;

  const terminate = (ids: readonly string[], signal: string): PyValue => {
    for (const id of ids) revoked.add(id);
    const stopped = ids.filter((id) => pool.terminate(id, signal));
    return ok(
      stopped.length === 0 ? 'terminate: tasks unknown' : `terminate: ${stopped.join(', ')}`,
    );
  };

  const revoke: Command = async (given) => {
    const ids = idsOf(given['task_id'] ?? given['task_ids']);
    for (const id of ids) revoked.add(id);
    consumer.reconsider();
    if (given['terminate'] === true) return terminate(ids, signalOf(given['signal']));
    for (const id of ids) {
      if (consumer.find(id)?.state !== 'active') await storeRevoked(state.app, id);
    }
    return ok(`tasks {${ids.map((id) => pythonRepr(id)).join(', ')}} flagged as revoked`);
  };

  const resize = (n: number): string | null => {
    if (pool.kind === 'solo') return "NotImplementedError('solo pool cannot be resized')";
    const size = pool.size + n;
    if (size < 1) return `ValueError("Can't shrink pool. All processes busy!")`;
    if (size > MAX_POOL) return `ValueError('at most ${String(MAX_POOL)}')`;
    pool.resize(size);
    consumer.updatePrefetch();
    consumer.pump();
    return null;
  };

  const commands: Record<string, Command> = {
    ...createInspection(state),
    revoke,
    terminate: (given) => terminate(idsOf(given['task_id']), signalOf(given['signal'])),
    rate_limit: (given) => {
      const name = textOf(given['task_name']);
      const limit = given['rate_limit'] ?? null;
      if (parseRateLimit(limit) === undefined) {
        return refusal(`Invalid rate limit string: ValueError(${pythonRepr(limit)})`);
      }
      const options = tasks.get(name);
      if (options === undefined) return refusal('unknown task');
      tasks.set(name, { ...options, rateLimit: limit as string | number | null });
      consumer.setRateLimit(name, limit);
      const isSet = parseRateLimit(limit) !== null;
      return ok(isSet ? 'new rate limit set successfully' : 'rate limit disabled successfully');
    },
    time_limit: (given) => {
      const name = textOf(given['task_name']);
      const options = tasks.get(name);
      if (options === undefined) return refusal('unknown task');
      const ms = (value: PyValue | undefined) =>
        typeof value === 'number' && value > 0 ? value * 1000 : null;
      tasks.set(name, {
        ...options,
        softTimeLimitMs: ms(given['soft']),
        timeLimitMs: ms(given['hard']),
      });
      return ok('time limits set successfully');
    },
    pool_grow: (given) => {
      if (autoscaler !== null) return refusal(scaled('pool_grow'));
      const trouble = resize(countOf(given['n']));
      return trouble === null ? ok('pool will grow') : refusal(trouble);
    },
    pool_shrink: (given) => {
      if (autoscaler !== null) return refusal(scaled('pool_shrink'));
      const trouble = resize(-countOf(given['n']));
      return trouble === null ? ok('pool will shrink') : refusal(trouble);
    },
    autoscale: (given) => {
      if (autoscaler === null) return refusal("ValueError('Autoscale not enabled')");
      const bound = (value: PyValue | undefined) => (typeof value === 'number' ? value : null);
      const { max, min } = autoscaler.update({
        max: bound(given['max']),
        min: bound(given['min']),
      });
      return ok(`autoscale now max=${String(max)} min=${String(min)}`);
    },
    revoke_by_stamped_headers: (given) => {
      const headers = headersOf(given['headers']);
      const shown = pythonRepr(headers);
      stamps.add(headers);
      consumer.reconsider();
      if (given['terminate'] !== true) {
        return ok(`headers ${shown} flagged as revoked, but not terminated`);
      }
      const stopped = consumer
        .list('active')
        .filter((held) => stamps.has(held))
        .filter(({ message }) => pool.terminate(message.id, signalOf(given['signal'])));
      return ok(`headers ${shown} ${stopped.length === 0 ? 'were not terminated' : 'revoked'}`);
    },
    pool_restart: () => {
      if (!state.app.conf.workerPoolRestarts) {
        return refusal("ValueError('Pool restarts not enabled')");
      }
      pool.restart();
      return ok('reload started');
    },
    add_consumer: async (given) => {
      const queue = textOf(given['queue']);
      if (queue === '') return refusal("ValueError('queue')");
      await consumer.addQueue(queue, bindingOf(given));
      return ok(`add consumer ${queue}`);
    },
    election: async (given) => {
      const { id, topic, action } = given;
      await state.gossip?.elect(textOf(id), textOf(topic), action ?? null);
      return null;
    },
    cancel_consumer: async (given) => {
      const queue = textOf(given['queue']);
      await consumer.cancelQueue(queue);
      return ok(`no longer consuming from ${queue}`);
    },
    enable_events: async () => {
      if (events.enabled) return ok('task events already enabled');
      events.enabled = true;
      await events.worker('worker-online');
      return ok('task events enabled');
    },
    disable_events: async () => {
      if (state.startedWithEvents || !events.enabled) return ok('task events already disabled');
      await events.flush();
      events.enabled = false;
      return ok('task events disabled');
    },
    heartbeat: async () => {
      await events.pulse();
      return null;
    },
    shutdown: () => {
      state.shutdown();
      return undefined;
    },
  };
  const own = [...state.app.controlCommands].map(([name, command]): [string, Command] => [
    name,
    async (given) => {
      const value = await command(toPlain(given) as Record<string, unknown>, { hostname });
      return value === undefined ? undefined : toPyValue(value);
    },
  ]);
  return new Map([...Object.entries(commands), ...own]);
}

/** What `add_consumer` says of the queue; a queue of the settings is as it is there. */
function bindingOf(given: CommandArguments): Partial<QueueDefinition> {
  const { exchange, exchange_type: type, routing_key: routingKey } = given;
  const types = ['direct', 'topic', 'fanout'] as const;
  const exchangeType = types.find((one) => one === type);
  return {
    ...(typeof exchange === 'string' ? { exchange } : {}),
    ...(exchangeType === undefined ? {} : { exchangeType }),
    ...(typeof routingKey === 'string' ? { routingKey } : {}),
  };
}

const scaled = (name: string) =>
  `${name} is not supported with autoscale. Adjust autoscale range instead.`;

/** A dictionary, or the `name=value` of a command line. */
function headersOf(value: PyValue | undefined): PyDict {
  if (isPyDict(value)) return value;
  const headers: PyDict = {};
  for (const one of idsOf(value)) {
    const [name = '', ...rest] = one.split('=');
    setKey(headers, name, rest.join('='));
  }
  return headers;
}

function textOf(value: PyValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function countOf(value: PyValue | undefined): number {
  return typeof value === 'number' && Number.isInteger(value) ? value : 1;
}

function signalOf(value: PyValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'SIGTERM';
}

function idsOf(value: PyValue | undefined): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((id): id is string => typeof id === 'string');
}
