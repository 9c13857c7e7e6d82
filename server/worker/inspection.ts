// The commands that only ask. Shapes as Celery's own replies (celery.worker.control, WorkController.stats).
import { toPyValue, msToIso } from '../celery/fields.ts';
import { encodeHello } from '../celery/control.ts';
import { setKey, type PyDict, type PyValue } from '../../lib/python/values.ts';
import { bindingOf, declarationOf, type QueueDefinition } from '../client/queues.ts';
import type { Command, WorkerState } from './commands.ts';
import { MemorySamples } from './memory-samples.ts';
import { adoptHello } from './remote-control.ts';
import { reportText } from './report.ts';
import { toTaskInfo, type HeldRequest } from './request.ts';
import { workerConf, workerStats } from './stats.ts';

export function createInspection(state: WorkerState): Record<string, Command> {
  const { consumer, hostname, lamport, revoked, tasks } = state;
  const infos = (held: HeldRequest[], safe: boolean): PyValue =>
    held.map((one) => toTaskInfo(one, hostname, safe));
  const isSafe = (given: PyDict) => isTrue(given['safe']);

  const active: Command = (given) => infos(consumer.list('active'), isSafe(given));
  const reserved: Command = (given) => infos(consumer.list('reserved'), isSafe(given));
  const scheduled: Command = (given) =>
    consumer.list('scheduled').map((held) => ({
      eta: msToIso(held.message.etaAt ?? 0),
      priority: 6,
      request: toTaskInfo(held, hostname, isSafe(given)),
    }));
  const revokedIds: Command = () => revoked.list();
  const registered: Command = (given) => {
    const wanted = namesOf(given['taskinfoitems']) ?? ['exchange', 'routing_key', 'rate_limit'];
    return [...tasks]
      .filter(([name]) => given['builtins'] === true || !name.startsWith('celery.'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, options]) => {
        const known: Record<string, string | number | boolean | null | undefined> = {
          name,
          acks_late: options.acksLate,
          ignore_result: options.ignoreResult,
          priority: options.priority,
          queue: options.queue,
          serializer: options.serializer,
          track_started: options.trackStarted,
          rate_limit: options.rateLimit,
          time_limit: seconds(options.timeLimitMs),
          soft_time_limit: seconds(options.softTimeLimitMs),
          max_retries: options.maxRetries,
        };
        const parts = wanted.flatMap((key) =>
          known[key] === undefined || known[key] === null ? [] : [`${key}=${String(known[key])}`],
        );
        return parts.length === 0 ? name : `${name} [${parts.join(' ')}]`;
      });
  };
  const conf: Command = (given) => workerConf(state, isTrue(given['with_defaults']));
  const memory = new MemorySamples();

  return {
    ping: () => ({ ok: 'pong' }),
    clock: () => ({ clock: lamport.value }),
    active,
    dump_active: active,
    reserved,
    dump_reserved: reserved,
    scheduled,
    dump_schedule: scheduled,
    revoked: revokedIds,
    dump_revoked: revokedIds,
    registered,
    dump_tasks: registered,
    conf,
    dump_conf: conf,
    stats: () => workerStats(state),
    active_queues: () =>
      consumer.queues.map((name) => queueInfo(state, name, consumer.known.definitionOf(name))),
    query_task: (given) => {
      const places: PyDict = {};
      for (const id of namesOf(given['ids']) ?? []) {
        const held = consumer.find(id);
        if (held === null) continue;
        setKey<PyValue>(places, id, [placeOf(held), toTaskInfo(held, hostname, false)]);
      }
      return places;
    },
    report: () => ({ ok: reportText(state.app) }),
    memsample: () => memory.sample(),
    memdump: (given) => memory.dump(typeof given['samples'] === 'number' ? given['samples'] : 10),
    objgraph: () => ({
      error: `NotImplementedError('objgraph draws Python objects; this worker has none')`,
    }),
    hello: (given) => {
      if (given['from_node'] === hostname) return null;
      const answer = encodeHello({
        fromNode: null,
        revoked: revoked.entries(),
        clock: lamport.forward(),
      });
      adoptHello(toPyValue(given), lamport, revoked);
      return answer;
    },
  };
}

function placeOf({ state }: HeldRequest): string {
  if (state === 'active' || state === 'scheduled') return state;
  return state === 'done' ? 'ready' : 'reserved';
}

/** As words of a command line come: `true`, `yes`, `1`. */
function isTrue(value: PyValue | undefined): boolean {
  return value === true || (typeof value === 'string' && /^(true|yes|1|y|t|on)$/i.test(value));
}

function seconds(ms: number | null | undefined): number | null {
  return ms === null || ms === undefined ? null : ms / 1000;
}

function namesOf(value: PyValue | undefined): string[] | null {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return null;
  return value.filter((name): name is string => typeof name === 'string');
}

function queueInfo({ app }: WorkerState, name: string, queue: QueueDefinition): PyDict {
  const { exchange, exchangeType, routingKey } = bindingOf(app.conf, queue);
  const { maxPriority, queueArguments, autoDelete = false } = declarationOf(app.conf, queue);
  const given: PyDict = {
    ...(maxPriority === undefined ? {} : { 'x-max-priority': maxPriority }),
    ...queueArguments,
  };
  return {
    name,
    exchange: {
      name: exchange,
      type: exchangeType,
      arguments: null,
      durable: true,
      passive: false,
      auto_delete: false,
      delivery_mode: null,
      no_declare: false,
    },
    routing_key: routingKey,
    queue_arguments: Object.keys(given).length === 0 ? null : given,
    binding_arguments: null,
    consumer_arguments: null,
    durable: true,
    exclusive: false,
    auto_delete: autoDelete,
    no_ack: false,
    alias: queue.name === name ? null : queue.name,
    bindings: [],
    no_declare: null,
    expires: null,
    message_ttl: null,
    max_length: null,
    max_length_bytes: null,
    max_priority: null,
  };
}
