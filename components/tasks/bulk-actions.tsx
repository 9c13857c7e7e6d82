'use client';

import { useState } from 'react';
import { RetryDialog } from '@/components/actions/retry-dialog.tsx';
import { MAX_REVOKE, RevokeDialog } from '@/components/actions/revoke-dialog.tsx';
import { Button } from '@/components/ui/button.tsx';
import { FINAL_STATES, type TaskSummary } from '@/lib/contract/task.ts';

/** What can be done with the selected rows: revoke those that are not finished; retry one, as each has a form of its own. */
export function BulkActions({
  cluster,
  selected,
  onClear,
}: {
  cluster: string;
  selected: readonly TaskSummary[];
  onClear: () => void;
}) {
  const [open, setOpen] = useState<'retry' | 'revoke' | null>(null);
  const [first] = selected;
  const unfinished = selected.filter((task) => !FINAL_STATES.has(task.state));
  if (first === undefined) return null;
  const whyNoRetry =
    selected.length > 1
      ? 'Each retry is checked in a form of its own: select one task.'
      : undefined;
  const whyNoRevoke =
    unfinished.length === 0
      ? 'All of them have ended.'
      : unfinished.length > MAX_REVOKE
        ? `At most ${MAX_REVOKE} at once.`
        : undefined;
  return (
    <>
      <span role="status" className="text-ink-2 tnum">
        {selected.length} selected
      </span>
      <Button variant="quiet" onClick={onClear}>
        Clear
      </Button>
      <Button
        title={whyNoRetry}
        disabled={whyNoRetry !== undefined}
        onClick={() => setOpen('retry')}
      >
        Retry…
      </Button>
      <Button
        variant="risk"
        title={whyNoRevoke}
        disabled={whyNoRevoke !== undefined}
        onClick={() => setOpen('revoke')}
      >
        {unfinished.length > 0 && unfinished.length < selected.length
          ? `Revoke ${unfinished.length}…`
          : 'Revoke…'}
      </Button>
      <RetryDialog
        cluster={cluster}
        id={first.id}
        open={open === 'retry'}
        onOpenChange={(next) => setOpen(next ? 'retry' : null)}
      />
      <RevokeDialog
        cluster={cluster}
        ids={unfinished.map((task) => task.id)}
        worker={unfinished.length === 1 ? (unfinished[0]?.worker ?? null) : null}
        open={open === 'revoke'}
        onOpenChange={(next) => setOpen(next ? 'revoke' : null)}
      />
    </>
  );
}
