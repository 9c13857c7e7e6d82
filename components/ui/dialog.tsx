'use client';
import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { HoldWhileOpen } from '@/components/live/hold.ts';
import { IconButton } from './button.tsx';
import { cn } from './cn.ts';

export const Dialog = Radix.Root;
export const DialogClose = Radix.Close;

/** A modal dialog: title, optional description, body that scrolls, footer that stays. */
export function DialogContent({
  title,
  description,
  footer,
  className,
  children,
}: {
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <Radix.Portal>
      <Radix.Overlay data-overlay className="fixed inset-0 z-40 bg-[oklch(0_0_0/0.45)]" />
      <Radix.Content
        {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        onOpenAutoFocus={focusFirst}
        className={cn(
          'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-32px)] w-[min(560px,calc(100vw-24px))] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line bg-panel outline-none',
          className,
        )}
      >
        <HoldWhileOpen />
        <header className="flex items-start gap-2 border-b border-line px-4 py-3">
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-[15px] font-semibold break-words">{title}</Radix.Title>
            {description === undefined ? null : (
              <Radix.Description className="mt-0.5 text-ink-2">{description}</Radix.Description>
            )}
          </div>
          <Radix.Close asChild>
            <IconButton label="Close" className="-mt-1 -mr-2">
              <X aria-hidden />
            </IconButton>
          </Radix.Close>
        </header>
        {children === undefined ? null : (
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">{children}</div>
        )}
        {footer === undefined ? null : (
          <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">
            {footer}
          </footer>
        )}
      </Radix.Content>
    </Radix.Portal>
  );
}

/** The field that waits to be filled in, where there is one; else the dialog itself, and not the button that closes it. */
function focusFirst(event: Event): void {
  event.preventDefault();
  if (!(event.target instanceof HTMLElement)) return;
  const field = event.target.querySelector<HTMLElement>('[data-first-field]');
  const onTouch = window.matchMedia('(pointer: coarse)').matches;
  (onTouch ? event.target : (field ?? event.target)).focus();
}
