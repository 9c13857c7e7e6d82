'use client';

import { useState } from 'react';
import { useSession } from '@/components/live/use-session.ts';
import { Button } from '@/components/ui/button.tsx';
import { FINAL_STATES, PRESUMED_STATES, type TaskSummary } from '@/lib/contract/task.ts';
import { RetryDialog } from './retry-dialog.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';

/** Where a retry is what mends it; elsewhere it is not the first thing to press. */
const ENDED_BADLY: ReadonlySet<TaskSummary['state']> = new Set(['failure', 'rejected', 'lost']);

/** What can be done with one task. Nothing where changes are not allowed. */
export function TaskActions({
  cluster,
  task,
}: {
  cluster: string;
  task: Pick<TaskSummary, 'id' | 'state' | 'worker' | 'type'>;
}) {
  const { readOnly } = useSession();
  const [open, setOpen] = useState<'retry' | 'revoke' | null>(null);
  if (readOnly) return null;
  return (
    <>
      {FINAL_STATES.has(task.state) && !PRESUMED_STATES.has(task.state) ? null : (
        <Button variant="risk" onClick={() => setOpen('revoke')}>
          Revoke…
        </Button>
      )}
      <Button
        variant={ENDED_BADLY.has(task.state) ? 'primary' : 'plain'}
        onClick={() => setOpen('retry')}
      >
        Retry…
      </Button>
      <RevokeDialog
        cluster={cluster}
        ids={[task.id]}
        worker={task.worker}
        open={open === 'revoke'}
        onOpenChange={(next) => setOpen(next ? 'revoke' : null)}
      />
      <RetryDialog
        cluster={cluster}
        id={task.id}
        open={open === 'retry'}
        onOpenChange={(next) => setOpen(next ? 'retry' : null)}
      />
    </>
  );
}
