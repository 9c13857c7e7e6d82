'use client';
import { Tooltip as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';

export const TooltipProvider = Radix.Provider;

/** Says more about its single child, which must be able to take focus for the keyboard to reach it. */
export function Tooltip({
  content,
  side = 'top',
  children,
  ...state
}: {
  content: ReactNode;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}) {
  return (
    <Radix.Root {...state}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={5}
          collisionPadding={8}
          className="z-50 max-w-80 rounded-md border border-line bg-ink px-2 py-1 text-sm break-words text-bg"
        >
          {content}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A word (unknown, late …) whose reason is told on hover, on focus and when it is pressed: a finger cannot hover. */
export function Explained({
  reason,
  className,
  children,
}: {
  reason: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Tooltip content={reason} open={isOpen} onOpenChange={setOpen}>
      <button
        type="button"
        onClick={(event) => {
          // Radix closes on a press; here it is what opens.
          event.preventDefault();
          setOpen(true);
        }}
        className={`touch-area cursor-help rounded-sm underline decoration-dotted decoration-from-font underline-offset-[3px] ${className ?? ''}`}
      >
        {children}
      </button>
    </Tooltip>
  );
}

/** What could not be read is a word with its reason, never a zero. */
export function Unknown({ reason, className }: { reason?: string | null; className?: string }) {
  return (
    <Explained
      reason={reason ?? 'Nobody has told yet.'}
      className={`text-ink-3 ${className ?? ''}`}
    >
      unknown
    </Explained>
  );
}
