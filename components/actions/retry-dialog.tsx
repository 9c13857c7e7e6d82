'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { toast } from 'sonner';
import { apiGet, apiPost } from '@/components/live/api.ts';
import { apiPath, taskPath } from '@/components/live/paths.ts';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose, DialogContent } from '@/components/ui/dialog.tsx';
import { Skeleton } from '@/components/ui/states.tsx';
import { retryForm, retryOutcome, type RetryForm } from '@/lib/contract/control.ts';
import { ProblemNote } from './problem-note.tsx';
import { RetryFields } from './retry-fields.tsx';
import { checkDraft, toDraft, toRequest, type Problems } from './retry-draft.ts';
import { SendPreview } from './send-preview.tsx';

const FORM_ID = 'retry-form';

export function RetryDialog({
  cluster,
  id,
  open,
  onOpenChange,
}: {
  cluster: string;
  id: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      {open ? <LoadForm cluster={cluster} id={id} /> : null}
    </Dialog>
  );
}

function LoadForm({ cluster, id }: { cluster: string; id: string }) {
  const path = apiPath(cluster, `tasks/${encodeURIComponent(id)}/retry`);
  const query = useQuery({
    queryKey: ['retry-form', cluster, id],
    queryFn: ({ signal }) => apiGet(path, retryForm, signal),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (query.data !== undefined) {
    return <RetryContent key={id} cluster={cluster} id={id} form={query.data} />;
  }
  return (
    <DialogContent
      title="Retry"
      description="Umbel looks in the broker, the result backend and the history for what is known of this task."
      className="w-[min(720px,calc(100vw-24px))]"
    >
      {query.error === null ? (
        <div role="status" aria-label="Collecting what is known" className="grid gap-3">
          <Skeleton className="h-8" />
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </div>
      ) : (
        <ProblemNote error={query.error} />
      )}
    </DialogContent>
  );
}

type Step = 'edit' | 'review';

function RetryContent({ cluster, id, form }: { cluster: string; id: string; form: RetryForm }) {
  const [draft, setDraft] = useState(() => toDraft(form));
  const [problems, setProblems] = useState<Problems>({});
  const [step, setStep] = useState<Step>('edit');
  const request = toRequest(draft, form);
  const send = useMutation({
    mutationFn: () =>
      apiPost(apiPath(cluster, `tasks/${encodeURIComponent(id)}/retry`), request, retryOutcome),
    onSuccess: (outcome) => toast.success('Sent as a new task', { description: outcome.id }),
  });
  const review = () => {
    const found = checkDraft(draft, form);
    setProblems(found);
    if (Object.keys(found).length === 0) setStep('review');
  };
  const size = 'w-[min(720px,calc(100vw-24px))]';

  if (send.isSuccess) {
    return (
      <DialogContent
        title="Sent"
        description={`A new task waits in ${send.data.queue}.`}
        className={size}
        footer={
          <>
            <DialogClose asChild>
              <Button>Close</Button>
            </DialogClose>
            <DialogClose asChild>
              <Button variant="primary" asChild>
                <Link href={taskPath(cluster, send.data.id)}>Open the new task</Link>
              </Button>
            </DialogClose>
          </>
        }
      >
        <div className="grid gap-2">
          <p className="font-mono text-sm break-all">{send.data.id}</p>
          {send.data.notes.map((note) => (
            <p key={note} className="text-ink-2">
              {note}
            </p>
          ))}
        </div>
      </DialogContent>
    );
  }

  if (step === 'review') {
    return (
      <DialogContent
        title="Send this?"
        description="A new task with an id of its own; this one stays as it is."
        className={size}
        footer={
          <>
            <Button onClick={() => setStep('edit')} disabled={send.isPending}>
              Back
            </Button>
            <Button variant="primary" onClick={() => send.mutate()} disabled={send.isPending}>
              {send.isPending ? 'Sending…' : 'Send'}
            </Button>
          </>
        }
      >
        <div className="grid gap-3">
          <SendPreview request={request} form={form} />
          {send.isError ? <ProblemNote error={send.error} /> : null}
        </div>
      </DialogContent>
    );
  }

  return (
    <DialogContent
      title="Retry"
      description="Sends a new task, linked with this one both ways. Each part says where it comes from; what is not known is yours to fill in."
      className={size}
      footer={
        <>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button variant="primary" type="submit" form={FORM_ID}>
            Review
          </Button>
        </>
      }
    >
      <form
        id={FORM_ID}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          review();
        }}
      >
        <RetryFields form={form} draft={draft} problems={problems} onChange={setDraft} />
      </form>
    </DialogContent>
  );
}
