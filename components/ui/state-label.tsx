import type { TaskState, WorkerState } from '@/lib/contract/index.ts';
import { cn } from './cn.ts';
import { STATE_LOOK, WORKER_LOOK } from './state.ts';

/** A task's state: always icon and word, colour third. `iconOnly` keeps the word for screen readers and the tooltip. */
export function StateLabel({
  state,
  customState = null,
  iconOnly = false,
  className,
}: {
  state: TaskState;
  customState?: string | null;
  iconOnly?: boolean;
  className?: string;
}) {
  const look = STATE_LOOK[state];
  const word = customState ?? look.word;
  return (
    <span
      title={iconOnly || customState !== null ? word : undefined}
      className={cn(
        'inline-flex items-center gap-1.5 align-bottom font-medium',
        look.text,
        className,
      )}
    >
      <look.icon aria-hidden className="size-[14px] shrink-0 stroke-2" />
      <span className={iconOnly ? 'sr-only' : 'truncate'}>{word}</span>
    </span>
  );
}

export function WorkerStateLabel({ state, className }: { state: WorkerState; className?: string }) {
  const look = WORKER_LOOK[state];
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 align-bottom font-medium',
        look.text,
        className,
      )}
    >
      <look.icon aria-hidden className="size-[14px] shrink-0 stroke-2" />
      {look.word}
    </span>
  );
}
