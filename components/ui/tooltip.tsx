'use client';
import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export const TooltipProvider = Radix.Provider;

/** Says more about its single child, which must be able to take focus for the keyboard to reach it. */
export function Tooltip({
  content,
  side = 'top',
  children,
}: {
  content: ReactNode;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
}) {
  return (
    <Radix.Root>
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

/** A word (unknown, late …) whose reason is told on hover and focus. */
export function Explained({
  reason,
  className,
  children,
}: {
  reason: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Tooltip content={reason}>
      <button
        type="button"
        className={`cursor-help rounded-sm underline decoration-dotted decoration-from-font underline-offset-[3px] ${className ?? ''}`}
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
