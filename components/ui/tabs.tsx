'use client';
import { Tabs as Radix } from 'radix-ui';
import { useEffect, useRef, type ComponentProps } from 'react';
import { cn } from './cn.ts';

export const Tabs = Radix.Root;

/** Tabs scroll sideways where they do not fit; the one that is chosen (`of`) is brought into sight. */
export function TabsList({
  of,
  className,
  ...props
}: ComponentProps<typeof Radix.List> & { of: string }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = list.current;
    const chosen = box?.querySelector('[data-state="active"]')?.getBoundingClientRect();
    if (!box || chosen === undefined) return;
    const { left, width } = box.getBoundingClientRect();
    box.scrollLeft += chosen.left + chosen.width / 2 - (left + width / 2);
  }, [of]);
  return (
    <Radix.List
      ref={list}
      className={cn('flex gap-0.5 overflow-x-auto border-b border-line px-2', className)}
      {...props}
    />
  );
}

export function TabsTrigger({
  className,
  count,
  children,
  ...props
}: ComponentProps<typeof Radix.Trigger> & { count?: number | null | undefined }) {
  return (
    <Radix.Trigger
      className={cn(
        '-mb-px flex h-10 items-center gap-1.5 border-b-2 border-transparent px-2.5 font-medium whitespace-nowrap text-ink-2 hover:text-ink',
        'focus-visible:-outline-offset-2 data-[state=active]:border-ink data-[state=active]:text-ink',
        className,
      )}
      {...props}
    >
      {children}
      {count === undefined || count === null ? null : (
        <span className="text-xs text-ink-3 tnum">{count.toLocaleString('en')}</span>
      )}
    </Radix.Trigger>
  );
}

export function TabsContent({ className, ...props }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Content
      className={cn('min-w-0 focus-visible:-outline-offset-2', className)}
      {...props}
    />
  );
}
