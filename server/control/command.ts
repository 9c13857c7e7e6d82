// Commands to named workers. Every argument was validated by the contract before it gets here: an unchecked value can end a worker.
import type {
  CommandOutcome,
  WorkerAck,
  WorkerCommand,
  WorkerCommandRequest,
} from '../../lib/contract/index.ts';
import { AppError } from '../core/errors.ts';
import type { InspectMethod } from '../store/collecting.ts';
import { toAcks } from './acks.ts';
import { audited, judgeAcks } from './audit.ts';
import type { Actor } from './control.ts';
import type { ControlDeps } from './deps.ts';
import { shutDown } from './shutdown.ts';

/** Growing a prefork pool or restarting it takes longer than a ping. */
const SLOW_REPLY_MS = 10_000;

export async function command(
  deps: ControlDeps,
  actor: Actor,
  request: WorkerCommandRequest,
): Promise<CommandOutcome> {
  const { command: verb, ...parameters } = request.command;
  const action = {
    actor,
    action: verb,
    target: request.workers.join(', ').slice(0, 500),
    parameters,
  };
  return audited(
    deps,
    action,
    async () => {
      await requireKnown(deps, request.workers);
      if (request.command.command === 'shutdown') return shutDown(deps, request.workers);
      const { method, args, timeoutMs } = toControl(request.command, deps.replyTimeoutMs);
      const replies = await deps.transport.gather(
        { method, arguments: args, destination: request.workers },
        { timeoutMs, expected: request.workers.length },
      );
      const acks = toAcks(replies, request.workers);
      await tellCollector(deps, request.command.command, acks);
      return { acks, warnings: [] };
    },
    judgeAcks,
  );
}

type LiveCommand = Exclude<WorkerCommand['command'], 'shutdown'>;

/** What a command may have changed of what the worker says about itself. */
const CHANGES: Readonly<Record<LiveCommand, readonly InspectMethod[]>> = {
  pool_grow: ['stats'],
  pool_shrink: ['stats'],
  pool_restart: ['stats', 'registered', 'conf'],
  autoscale: ['stats'],
  add_consumer: ['active_queues'],
  cancel_consumer: ['active_queues'],
  rate_limit: ['registered'],
  time_limit: ['registered', 'stats'],
  enable_events: [],
  disable_events: [],
};

/** Whatever the worker shows from now on is what it says after the command. */
async function tellCollector(
  deps: ControlDeps,
  verb: LiveCommand,
  acks: readonly WorkerAck[],
): Promise<void> {
  const done = acks.filter((ack) => ack.outcome === 'ok').map((ack) => ack.hostname);
  if (done.length === 0) return;
  if (verb === 'enable_events' || verb === 'disable_events') {
    await deps.collector.annotate({
      type: 'events-enabled',
      hostnames: done,
      enabled: verb === 'enable_events',
      at: deps.clock.now(),
    });
  }
  if (CHANGES[verb].length > 0) await deps.collector.inspectNow(done, CHANGES[verb]);
}

async function requireKnown(deps: ControlDeps, hostnames: readonly string[]): Promise<void> {
  const known = new Set((await deps.reader.workers()).map((worker) => worker.hostname));
  const unknown = hostnames.filter((hostname) => !known.has(hostname));
  if (unknown.length === 0) return;
  throw new AppError(
    'not_found',
    `No worker called ${unknown.slice(0, 5).join(', ')} was ever seen in this cluster.`,
  );
}

type ControlCall = { method: string; args: Record<string, unknown>; timeoutMs: number };

function toControl(
  request: Exclude<WorkerCommand, { command: 'shutdown' }>,
  replyTimeoutMs: number,
): ControlCall {
  const call = (args: Record<string, unknown>, timeoutMs = replyTimeoutMs): ControlCall => ({
    method: request.command,
    args,
    timeoutMs,
  });
  switch (request.command) {
    case 'pool_grow':
    case 'pool_shrink':
      return call({ n: request.n }, SLOW_REPLY_MS);
    case 'pool_restart':
      return call({}, SLOW_REPLY_MS);
    case 'autoscale':
      return call({ max: request.max, min: request.min }, SLOW_REPLY_MS);
    case 'add_consumer':
    case 'cancel_consumer':
      return call({ queue: request.queue });
    case 'rate_limit':
      return call({ task_name: request.type, rate_limit: request.rateLimit });
    case 'time_limit':
      return call({
        task_name: request.type,
        soft: toSeconds(request.softMs),
        hard: toSeconds(request.hardMs),
      });
    case 'enable_events':
    case 'disable_events':
      return call({});
  }
}

function toSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
