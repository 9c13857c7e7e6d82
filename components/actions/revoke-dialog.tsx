'use client';

import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { toast } from 'sonner';
import { apiPost } from '@/components/live/api.ts';
import { apiPath } from '@/components/live/paths.ts';
import { useLiveQuery } from '@/components/live/use-live-query.ts';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose, DialogContent } from '@/components/ui/dialog.tsx';
import { Select } from '@/components/ui/select.tsx';
import { Checkbox } from '@/components/ui/toggle.tsx';
import { commandOutcome, SIGNALS, type RevokeRequest } from '@/lib/contract/control.ts';
import { workerDetail } from '@/lib/contract/worker.ts';
import { AckList, summarize } from './ack-list.tsx';
import { ProblemNote } from './problem-note.tsx';

/** The contract takes so many ids at once. */
export const MAX_REVOKE = 1000;

const SIGNAL_WORDS: Readonly<Record<(typeof SIGNALS)[number], string>> = {
  SIGTERM: 'SIGTERM (asks the process to end)',
  SIGKILL: 'SIGKILL (ends it at once)',
  SIGINT: 'SIGINT (as Ctrl C)',
  SIGQUIT: 'SIGQUIT (ends it, may dump core)',
  SIGUSR1: 'SIGUSR1 (soft time limit exceeded)',
  SIGHUP: 'SIGHUP',
};

export function RevokeDialog({
  cluster,
  ids,
  worker = null,
  open,
  onOpenChange,
  onDone,
}: {
  cluster: string;
  ids: readonly string[];
  /** The worker that runs the task, where that is known: whether it can terminate is then said beforehand. */
  worker?: string | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDone?: () => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      {open ? (
        <RevokeContent
          cluster={cluster}
          ids={ids}
          worker={worker}
          onDone={onDone ?? (() => undefined)}
        />
      ) : null}
    </Dialog>
  );
}

function RevokeContent({
  cluster,
  ids,
  worker,
  onDone,
}: {
  cluster: string;
  ids: readonly string[];
  worker: string | null;
  onDone: () => void;
}) {
  const checkId = useId();
  const signalId = useId();
  const [terminate, setTerminate] = useState(false);
  const [signal, setSignal] = useState<(typeof SIGNALS)[number]>('SIGTERM');
  const what = ids.length === 1 ? 'this task' : `${ids.length} tasks`;
  const detail = useLiveQuery({
    cluster,
    key: ['worker', cluster, worker],
    path: apiPath(cluster, `workers/${encodeURIComponent(worker ?? '')}`),
    schema: workerDetail,
    enabled: worker !== null,
  });
  const support = detail.data?.supports['terminate'];
  const send = useMutation({
    mutationFn: () => {
      const body: RevokeRequest = { ids: [...ids], terminate, signal };
      return apiPost(apiPath(cluster, 'tasks/revoke'), body, commandOutcome);
    },
    onSuccess: (outcome) => {
      const { good, text } = summarize(outcome);
      if (good) toast.success(`${terminate ? 'Terminate' : 'Revoke'}: ${text}`);
      else toast.warning(`${terminate ? 'Terminate' : 'Revoke'}: ${text}`);
      onDone();
    },
  });
  return (
    <DialogContent
      title={`Revoke ${what}?`}
      description="Every worker is told not to start it. Nothing is removed from the queue: the message is dropped when a worker takes it."
      footer={
        send.isSuccess ? (
          <DialogClose asChild>
            <Button variant="primary">Close</Button>
          </DialogClose>
        ) : (
          <>
            <DialogClose asChild>
              <Button>Keep {ids.length === 1 ? 'it' : 'them'}</Button>
            </DialogClose>
            <Button
              variant="risk"
              disabled={send.isPending || ids.length > MAX_REVOKE}
              onClick={() => send.mutate()}
            >
              {send.isPending ? 'Asking the workers…' : terminate ? 'Terminate' : 'Revoke'}
            </Button>
          </>
        )
      }
    >
      <div className="grid gap-3">
        {send.isSuccess ? (
          <AckList outcome={send.data} />
        ) : (
          <>
            <div className="flex items-start gap-2">
              <Checkbox
                id={checkId}
                checked={terminate}
                onCheckedChange={(next) => setTerminate(next === true)}
                className="mt-0.5"
              />
              <label htmlFor={checkId}>
                Terminate: if it runs already, end the process that runs it
                <span className="block text-ink-3">
                  Whatever else that process does ends with it. Only prefork pools can.
                </span>
              </label>
            </div>
            {terminate ? (
              <div className="grid gap-1 pl-6">
                <label htmlFor={signalId} className="text-ink-2">
                  Signal
                </label>
                <Select
                  id={signalId}
                  value={signal}
                  onValueChange={(next) => {
                    const known = SIGNALS.find((one) => one === next);
                    if (known !== undefined) setSignal(known);
                  }}
                  options={SIGNALS.map((value) => ({ value, label: SIGNAL_WORDS[value] }))}
                />
              </div>
            ) : null}
            {terminate && support?.ok === false ? (
              <p className="rounded-md bg-retry/8 px-2.5 py-1.5 text-ink-2">
                {worker}: {support.reason ?? 'it cannot terminate'}.
              </p>
            ) : null}
            <p className="text-ink-2">
              Revokes live in the memory of the workers. A worker that starts later does not know of
              them, unless workers keep them with{' '}
              <code className="font-mono text-sm">--statedb</code>.
            </p>
            {send.isError ? <ProblemNote error={send.error} /> : null}
          </>
        )}
      </div>
    </DialogContent>
  );
}
