import type { ReactNode } from 'react';
import { cn } from './cn.ts';

export function Kbd({ className, children }: { className?: string; children: ReactNode }) {
  return <kbd className={cn('font-mono text-[11px] text-ink-3', className)}>{children}</kbd>;
}
