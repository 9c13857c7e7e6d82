import { WorkerStateLabel } from '@/components/ui/state-label.tsx';
import { Explained } from '@/components/ui/tooltip.tsx';
import type { WorkerSummary } from '@/lib/contract/worker.ts';

/** Online, late or offline, with the reason; and what else is wrong with the worker. */
export function WorkerStateCell({ worker }: { worker: WorkerSummary }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1.5">
      <WorkerStateLabel state={worker.state} />
      {worker.state === 'online' || worker.stateReason === null ? null : (
        <span className="max-w-44 truncate text-ink-3 max-md:hidden" title={worker.stateReason}>
          · {worker.stateReason}
        </span>
      )}
      <WorkerFlags worker={worker} />
    </span>
  );
}

export function WorkerFlags({ worker }: { worker: WorkerSummary }) {
  return (
    <>
      {worker.duplicateHostname ? (
        <Explained
          reason="Two live processes use this hostname. Commands reach both, and their figures mix. Start each with its own -n name."
          className="text-failure"
        >
          duplicate
        </Explained>
      ) : null}
      {worker.eventsEnabled === false && worker.state !== 'offline' ? (
        <Explained
          reason="It runs without -E: its tasks are not announced. Open the worker to enable events."
          className="text-retry"
        >
          events off
        </Explained>
      ) : null}
    </>
  );
}
