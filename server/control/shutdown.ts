// A worker does not answer `shutdown`: its going offline is the answer, and it may finish long tasks first.
import type { CommandOutcome, WorkerAck } from '../../lib/contract/index.ts';
import type { ControlDeps } from './deps.ts';

export async function shutDown(
  deps: ControlDeps,
  hostnames: readonly string[],
): Promise<CommandOutcome> {
  const waiting = new Set(hostnames);
  let finish: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (finish = resolve));
  const settle = async () => {
    for (const worker of await deps.reader.workers()) {
      if (worker.state === 'offline') waiting.delete(worker.hostname);
    }
    if (waiting.size === 0) finish();
  };
  // Listens before it asks: a worker may be gone, and told of, before the first look at the store ends.
  const unsubscribe = deps.collector.onCommit((notice) => {
    // The next commit, or the timer, makes up for a look that failed.
    if (notice.workersChanged) settle().catch(() => undefined);
  });
  const command = { method: 'shutdown', arguments: {}, destination: hostnames };
  let timer: NodeJS.Timeout | undefined;
  try {
    await deps.transport.broadcast(command);
    timer = setTimeout(finish, deps.shutdownTimeoutMs);
    await settle();
    await over;
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }
  return { acks: toAcks(hostnames, waiting), warnings: [] };
}

function toAcks(hostnames: readonly string[], waiting: ReadonlySet<string>): WorkerAck[] {
  return hostnames.map((hostname) =>
    waiting.has(hostname)
      ? {
          hostname,
          outcome: 'timeout',
          text: 'was asked to shut down and is still finishing, or did not hear it',
        }
      : { hostname, outcome: 'offline', text: 'went offline' },
  );
}
