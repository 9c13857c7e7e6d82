'use client';
import { useState } from 'react';
import { useSession } from '@/components/live/use-session.ts';
import { Button } from '@/components/ui/button.tsx';
import { CommandDialog } from './command-dialog.tsx';

/** Asks workers to announce their tasks, and shows what each of them answered. */
export function EnableEventsButton({
  cluster,
  workers,
  label = 'Enable events',
}: {
  cluster: string;
  workers: readonly string[];
  label?: string;
}) {
  const { readOnly } = useSession();
  // Those that were meant when the dialog opened: the line goes away as soon as they send events.
  const [asked, setAsked] = useState<readonly string[] | null>(null);
  if (readOnly) return null;
  return (
    <>
      <Button onClick={() => setAsked(workers)}>{label}…</Button>
      <CommandDialog
        cluster={cluster}
        hostnames={asked ?? []}
        command={asked === null ? null : 'enable_events'}
        onClose={() => setAsked(null)}
      />
    </>
  );
}
