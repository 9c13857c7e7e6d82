// Tells every worker to drop these tasks, or to kill the process that runs them. Which worker will meet a waiting task is not known
// beforehand, so all are told and each answers for itself.
import type { CommandOutcome, RevokeRequest, WorkerSummary } from '../../lib/contract/index.ts';
import type { InspectMethod } from '../store/collecting.ts';
import { toAcks } from './acks.ts';
import { audited, judgeAcks } from './audit.ts';
import type { Actor } from './control.ts';
import type { ControlDeps } from './deps.ts';

/** Pools that run a task in a process of its own, which a signal can end. */
const POOLS_THAT_TERMINATE: ReadonlySet<string> = new Set(['prefork', 'processes']);

/** What the workers say differently afterwards. */
const HELD: readonly InspectMethod[] = ['revoked'];
const ENDED: readonly InspectMethod[] = ['revoked', 'active'];

export async function revoke(
  deps: ControlDeps,
  actor: Actor,
  request: RevokeRequest,
): Promise<CommandOutcome> {
  const [only] = request.ids;
  const target =
    request.ids.length === 1 && only !== undefined ? only : `${String(request.ids.length)} tasks`;
  const action = {
    actor,
    action: request.terminate ? 'terminate' : 'revoke',
    target,
    parameters: { ...request },
  };
  return audited(deps, action, () => tellAll(deps, actor, request), judgeAcks);
}

async function tellAll(
  deps: ControlDeps,
  actor: Actor,
  request: RevokeRequest,
): Promise<CommandOutcome> {
  const workers = (await deps.reader.workers()).filter((worker) => worker.state !== 'offline');
  const replies = await deps.transport.gather(
    {
      method: 'revoke',
      arguments: {
        task_id: [...request.ids],
        terminate: request.terminate,
        signal: request.signal,
      },
      destination: null,
    },
    { timeoutMs: deps.replyTimeoutMs, ...(workers.length > 0 && { expected: workers.length }) },
  );
  await deps.collector.annotate({
    type: 'revoke-sent',
    ids: [...request.ids],
    terminate: request.terminate,
    signal: request.signal,
    actor: actor.name,
    at: deps.clock.now(),
  });
  const answered = replies.map((reply) => reply.hostname);
  if (answered.length > 0) {
    await deps.collector.inspectNow(answered, request.terminate ? ENDED : HELD);
  }
  const acks = toAcks(
    replies,
    workers.map((worker) => worker.hostname),
  );
  return { acks, warnings: await warningsFor(deps, request, workers, replies.length) };
}

async function warningsFor(
  deps: ControlDeps,
  request: RevokeRequest,
  workers: readonly WorkerSummary[],
  replyCount: number,
): Promise<string[]> {
  const warnings: string[] = [];
  if (replyCount === 0) {
    warnings.push(
      'No worker answered. Revokes live in the memory of workers: one that starts later does not know of this one.',
    );
  }
  if (!request.terminate) return warnings;
  const records = await deps.reader.getTaskRecords(request.ids);
  const running = new Set(
    records.filter((record) => record.state === 'started').map((record) => record.worker),
  );
  for (const worker of workers) {
    if (
      !running.has(worker.hostname) ||
      worker.pool === null ||
      POOLS_THAT_TERMINATE.has(worker.pool)
    )
      continue;
    warnings.push(
      `${worker.hostname} runs the ${worker.pool} pool, which cannot stop a running task: the task runs to its end.`,
    );
  }
  return warnings;
}
